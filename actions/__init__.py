"""Custom actions, one module a topic: fetch from the bank, decide, and fill in the domain's responses.

May import: `bank.client`, `bank.models`, `bank.errors`, `desk.client`, `common`. Must not import: `channels`, `nlu`,
`bank.sandbox`. No sentence that a customer reads stands here, and no figure is computed here.
"""
