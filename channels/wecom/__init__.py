"""WeCom customer service (微信客服): WeChat users who write to the bank without following anything.

A callback says that there is news; it is read page by page from where the last reading ended, and answered over the
same API. May import `common` and what is shared in `channels`; nothing of `actions`, `desk` or the other services.
"""
