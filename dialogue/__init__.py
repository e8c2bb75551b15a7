"""How the dialogue speaks and decides beyond rules: response rendering, language, policy.

May import: `common`, Rasa. Must not import: `bank`, `actions`, `channels`.
"""
