"""Where people take over from the assistant: who asked for a person, in which conversation, and why; and where they
call customers. The calls are outreach's, which is asked over HTTP.

May import: `common`, `bank.client`, `bank.models`, `bank.errors`, `dialogue.formats`, SQLAlchemy, Sanic. Must not
import: `actions`, `bank.sandbox`, `channels`, the rest of `dialogue`, `nlu`. `desk.insights` may also import
`outreach.plan` and `outreach.tables`.
"""
