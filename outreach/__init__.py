"""Whom to contact, when and by what: reminders before the due date, follow-up of what was agreed, within the rules.

`plan.yml` says which steps there are, `texts/` what each of them says, `contact_rules` what is allowed. Once a day the
planner reads the accounts on which something is due and notes the contacts of the day; workers send them, at the hour
and by the way that the customer chose. What is sent, and what a rule stopped, is told to the bank's contact log.

May import: `common`, `bank.client`, `bank.models`, `bank.errors`, `channels.conversations`, `desk.store`,
`dialogue.formats`, SQLAlchemy, Sanic, APScheduler. Must not import: `actions`, `bank.sandbox`, `nlu`, the rest of
`channels`, `desk` and `dialogue`.
"""
