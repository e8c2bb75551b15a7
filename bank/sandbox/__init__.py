"""A bank for development and demonstration: it implements `bank/openapi.yml` with a ledger of its own.

It stands for another company's system, so it keeps its data apart and the assistant reaches it through the bank client
only. May import: `common`, `bank.models`, `bank.errors`; its pages, which stand for the bank's web site, the client.
Must not import any other room; none of them may import it.
"""
