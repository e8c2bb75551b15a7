"""What is learnt from conversations: figures for supervisors, and the sentences that were not understood.

A projection of the feed of conversation events, which it reads by itself: the desk's own reading does not wait for it.
What a figure needs is kept as facts without words, so that figures stay when events are forgotten; sentences are kept
masked, and only as long as the feed keeps events. Hand-overs and ratings are read where the desk has them, reminders
out of outreach's tables, and what became of requests is asked of the bank from time to time.

May import, beside what the desk may: `outreach.plan`, `outreach.tables`.
"""
