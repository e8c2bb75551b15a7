"""WeChat Official Account (公众号): what WeChat tells of its followers, and the API by which they are answered.

May import `common` and what is shared in `channels`; nothing of `actions`, `desk` or the other services.
"""
