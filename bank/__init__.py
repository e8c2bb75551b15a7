"""The border to the bank: the contract (`openapi.yml`), its typed client and a sandbox that implements it.

May import: `common`. Must not import: `actions`, `channels`, `dialogue`, `nlu`.
"""
