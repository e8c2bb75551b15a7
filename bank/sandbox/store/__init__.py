"""The sandbox's database: `engine` has its transactions; each topic has its tables."""

from bank.sandbox.store.accounts import cards, customers, debit_accounts, entries, payments, seedings
from bank.sandbox.store.codes import answers, challenges, messages, proofs
from bank.sandbox.store.contact import contact_preferences, contacts, hand_overs, messaging_identities
from bank.sandbox.store.engine import Row, Store, insert_all, row, rows
from bank.sandbox.store.listing import changed_accounts, due_accounts, positions
from bank.sandbox.store.papers import consents, contents, documents, issued_documents
from bank.sandbox.store.requests import applications, disputes, promises, quotes

__all__ = [
    "Row",
    "Store",
    "answers",
    "applications",
    "cards",
    "challenges",
    "changed_accounts",
    "consents",
    "contact_preferences",
    "contacts",
    "contents",
    "customers",
    "debit_accounts",
    "disputes",
    "documents",
    "due_accounts",
    "entries",
    "hand_overs",
    "insert_all",
    "issued_documents",
    "messages",
    "messaging_identities",
    "payments",
    "positions",
    "promises",
    "proofs",
    "quotes",
    "row",
    "rows",
    "seedings",
]
