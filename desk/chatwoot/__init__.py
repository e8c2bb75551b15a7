"""Chatwoot as the desk to which customers are handed over.

What it uses of Chatwoot, by its public documentation (https://developers.chatwoot.com/api-reference, and
https://www.chatwoot.com/hc/user-guide/articles/1677839703-how-to-create-an-api-channel-inbox):

* the client API of an API channel inbox, which speaks as the customer:
  `POST /public/api/v1/inboxes/{identifier}/contacts`, `…/contacts/{source_id}/conversations`, `…/messages`;
* the application API with an agent bot's token: `POST /api/v1/accounts/{account}/conversations/{id}/messages` for
  private notes, and `…/toggle_status`;
* webhooks of the inbox and of the agent bot (https://www.chatwoot.com/hc/user-guide/articles/1677693021-how-to-use-webhooks):
  `message_created`, and `conversation_status_changed`, or the older `conversation_resolved` and `conversation_opened`.
  They are signed: `X-Chatwoot-Signature` is `sha256=` and the HMAC-SHA256 of `{X-Chatwoot-Timestamp}.{body}`. Chatwoot
  before 4.12 signs nothing: there, the secret stands in the address, `/chatwoot/webhook?secret=…`.

A hand-over opens a conversation in the inbox with the transcript and the summary as a private note and sets it to
`open`; what the customer writes follows; what an agent answers comes back by webhook and reaches the customer as the
desk's own agents' words do. `resolved` closes the hand-over, `pending` gives the conversation back to the assistant.
The customer who goes on with the assistant resolves it.
"""
