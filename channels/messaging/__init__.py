"""What every messaging service shares: customers' messages kept before they are acknowledged, answered once and in
order, and answers composed for a phone, kept, and delivered within the service's limits.

    platform's webhook ─► parse ─► inbox ─► worker ─► Turns ─► compose ─► outbox ─► delivery ─► platform's API

It knows conversations and texts, nothing of cards and nothing of one service. The services are `channels.wechat`
(Official Account) and `channels.wecom` (customer service); each is a `Platform`. May import `common`, the bank's client
for who a customer is, and what is shared in `channels`; no service's module and nothing of `actions` or `desk`.
"""
