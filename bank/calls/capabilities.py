"""What the bank offers."""

from __future__ import annotations

from bank.calls.caller import Caller
from bank.errors import NotFound, NotOffered
from bank.models import Capabilities

#: Every operation of the contract, by its operationId.
OPERATIONS = (
    "capabilities",
    "customer",
    "cards",
    "statement",
    "overdue",
    "projection",
    "transactions",
    "payments",
    "repayment_channels",
    "auto_debit",
    "set_auto_debit",
    "debit_accounts",
    "credit_report",
    "plans",
    "instalment_quotes",
    "deferral_options",
    "agreement_quotes",
    "waiver_options",
    "early_settlement",
    "challenge",
    "check_challenge",
    "applications",
    "file_application",
    "application",
    "add_documents",
    "withdraw_application",
    "consents",
    "record_consent",
    "documents",
    "upload_document",
    "delete_document",
    "issue_document",
    "document_content",
    "promises",
    "make_promise",
    "promise",
    "change_promise",
    "withdraw_promise",
    "disputes",
    "file_dispute",
    "dispute",
    "withdraw_dispute",
    "contact_preferences",
    "set_contact_preferences",
    "contact_addresses",
    "contacts",
    "log_contact",
    "hand_over",
    "close_hand_over",
    "messaging_identities",
    "link_identity",
    "unlink_identity",
    "find_identity",
    "accounts",
)


class CapabilityCalls(Caller):
    """Any valid token."""

    def capabilities(self) -> Capabilities:
        """What the bank offers. A bank that does not say may offer everything: the call itself will tell."""
        try:
            return self._get(Capabilities, "/capabilities")
        except (NotOffered, NotFound):
            return Capabilities(contract="1.0", operations=list(OPERATIONS))
