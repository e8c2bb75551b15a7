"""Where customers write and read: transports and identities, nothing of cards.

A channel turns a platform's message into one `UserMessage` with a trusted sender, and any reply (text, buttons, cards)
into what the platform can show.

May import: `common`, Rasa; `channels.messaging` also the bank's client, to learn who a customer is. Must not import:
`actions`, `desk`, `dialogue`, `nlu`.
"""
