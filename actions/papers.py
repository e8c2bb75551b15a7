"""What customers send: the consent that comes first, the papers themselves, and handing them to a request that waits.

The papers go straight to the bank (`actions.uploads`); a form only asks the bank what has come since the consent.
"""

from __future__ import annotations

import uuid
from typing import Any, Dict, List, Optional, Sequence

from actions.consent import is_hedged
from actions.conversation import language_of
from actions.filed import application_values
from actions.form_turn import FormTurn, Step
from actions.forms import RequestForm
from actions.steps import CERTAIN, Confirmation, Sending
from actions.uploads import LARGEST_MEGABYTES, sent_since_consent
from actions.values import label
from bank.errors import ConsentRequired
from bank.models import Application, ApplicationStatus, ConsentPurpose, DocumentKind, ReasonClass, UploadedDocument

#: Which wording customers agree to: `utter_first_consent`. Another wording needs another name; a test holds to that.
CONSENT_TEXT = "hardship-documents-2026-11"
_READY, _NONE = "ready", "none_now"
_SHOWN_KINDS = 5
_BUTTONS = 4
#: What shows a reason best, as banks ask for it; the rest of the kinds can be chosen, too.
_SHOWS: Dict[ReasonClass, Sequence[DocumentKind]] = {
    ReasonClass.UNEMPLOYMENT: (DocumentKind.UNEMPLOYMENT,),
    ReasonClass.ILLNESS: (DocumentKind.DIAGNOSIS, DocumentKind.MEDICAL_BILL),
    ReasonClass.UNSTABLE_INCOME: (DocumentKind.BANK_STATEMENT, DocumentKind.BUSINESS_CLOSURE),
}
_USUAL = (DocumentKind.BANK_STATEMENT, DocumentKind.REPAYMENT_PLAN, DocumentKind.UNEMPLOYMENT, DocumentKind.DIAGNOSIS)


class ConsentStep(Step):
    """A plain yes to the handling of papers on hardship, for itself (Personal Information Protection Law, Article 29).

    Slot: the id of the consent at the bank. A no is recorded as well and ends the request.
    """

    slot = "consent"

    def read(self, talk: FormTurn) -> bool:
        if talk.pending != self.slot:
            return False
        if talk.intent == "deny":
            self._record(talk, given=False)
            talk.say("utter_consent_refused")
            talk.end()
            return True
        if talk.intent != "affirm":
            return False
        pressed = talk.entities("offer")
        if pressed and CONSENT_TEXT not in pressed:
            return False  # a button of something else
        if talk.confidence < CERTAIN or is_hedged(talk.text):
            return False
        talk[self.slot] = self._record(talk, given=True)
        return True

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        return {"consent_text": CONSENT_TEXT}

    @staticmethod
    def _record(talk: FormTurn, *, given: bool) -> str:
        recorded = talk.turn.bank.record_consent(
            talk.turn.customer(),
            purpose=ConsentPurpose.HARDSHIP_DOCUMENTS,
            given=given,
            text_version=CONSENT_TEXT,
            language="en" if language_of(talk.turn.tracker) == "en" else "zh",
            idempotency_key=str(uuid.uuid4()),
        )
        return recorded.id


class PapersStep(Step):
    """The papers. Slot: `[{"id", "name", "kind"}]`, empty if the customer sends none now."""

    slot = "papers"
    needed = False  # whether there must be one

    def read(self, talk: FormTurn) -> bool:
        if talk.pending != self.slot:
            return False
        said = talk.entities("documents")
        if _READY in said or (not said and talk.intent == "affirm"):
            return self._take(talk)
        if not self.needed and (_NONE in said or talk.intent == "deny"):
            talk.enter(self.slot, [])
            return True
        return False

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        kinds = kinds_for(talk)[:_SHOWN_KINDS]
        return {
            "kinds": [{"document": label("document", kind), "kind_code": kind.value} for kind in kinds],
            "largest": LARGEST_MEGABYTES,
            "can_skip": not self.needed,
        }

    def _take(self, talk: FormTurn) -> bool:
        sent = sent_since_consent(talk.turn.bank, talk.turn.customer())
        if sent:
            talk.enter(self.slot, [_paper(each) for each in sent])
        else:
            talk.say("utter_papers_none_yet")
        return True


class NeededPapersStep(PapersStep):
    """As above, for a request that waits for papers: at least one."""

    needed = True


class WaitingStep(Step):
    """Which request waits for papers. Slot: its reference. Not asked if it is only one."""

    slot = "waiting"
    entity = "reference"

    def read(self, talk: FormTurn) -> bool:
        named = [str(reference).upper() for reference in talk.entities("reference")]
        known = [each.reference for each in waiting_of(talk) if each.reference in named] if named else []
        if known:
            talk.enter(self.slot, known[-1])
        return bool(known)

    def settle(self, talk: FormTurn) -> bool:
        found = waiting_of(talk)
        if not found:
            talk.say("utter_papers_use")
            talk.end()
        elif len(found) == 1:
            talk.enter(self.slot, found[0].reference)
        return len(found) <= 1

    def values(self, talk: FormTurn) -> Dict[str, Any]:
        return {"choices": [{"reference": each.reference} for each in waiting_of(talk)[:_BUTTONS]]}


class PapersOffer(Step):
    """What is to be handed in. Slot `offer`: its id and the values by which it is named."""

    slot = "offer"

    def settle(self, talk: FormTurn) -> bool:
        offer_id = " ".join([talk["waiting"], *(each["id"] for each in talk["papers"])])
        values = {"reference": talk["waiting"], "papers": paper_rows(talk["papers"])}
        talk[self.slot] = {"id": offer_id, "values": values}
        return True


class HandingIn(Sending):
    """Hands the papers to the request that waits for them."""

    def send(self, talk: FormTurn) -> Application:
        return talk.turn.bank.add_documents(
            talk.turn.customer(),
            talk["waiting"],
            document_ids=[each["id"] for each in talk["papers"]],
            idempotency_key=talk["idempotency_key"],
        )

    def settle(self, talk: FormTurn) -> bool:
        return settled_with_papers(talk, super().settle)

    def tell(self, talk: FormTurn, filed: Application) -> None:
        talk.say("utter_papers_filed", **application_values(filed))


class PapersRequest(RequestForm):
    """`papers_form`."""

    topic = "papers"
    needs = ("record_consent", "consents", "upload_document", "documents", "applications", "add_documents")
    steps = (WaitingStep(), ConsentStep(), NeededPapersStep(), PapersOffer(), Confirmation(), HandingIn())


def settled_with_papers(talk: FormTurn, send: Any) -> bool:
    """Send, and go back to what is missing if the consent is gone or a paper was taken away meanwhile."""
    try:
        sent: bool = send(talk)
    except ConsentRequired:
        talk.say("utter_consent_gone")
        talk.enter("consent", None)
        talk.enter("papers", None)
        return True
    if not talk.over and talk["offer"] is None:
        talk["papers"] = None  # what was there may be another's or gone: the bank is asked anew
    return sent


def kinds_for(talk: FormTurn) -> List[DocumentKind]:
    """What can be sent: first what the bank asks for, then what shows the reason; `other` is always there."""
    wanted: List[DocumentKind] = []
    if talk["waiting"]:
        wanted = [
            kind for each in waiting_of(talk) if each.reference == talk["waiting"] for kind in each.documents_needed
        ]
    reason = talk["reason"]
    known = {each.value: each for each in ReasonClass}
    if reason in known:
        wanted += _SHOWS.get(known[reason], ())
    ordered = dict.fromkeys([*wanted, *_USUAL])
    return [*list(ordered)[: _SHOWN_KINDS - 1], DocumentKind.OTHER]


def waiting_of(talk: FormTurn) -> List[Application]:
    """The customer's requests that wait for papers, newest first."""
    if "waiting" not in talk.memo:
        found = talk.turn.bank.applications(talk.turn.customer())
        talk.memo["waiting"] = [each for each in found if each.status is ApplicationStatus.NEEDS_DOCUMENTS]
    waiting: List[Application] = talk.memo["waiting"]
    return waiting


def paper_rows(papers: Sequence[Dict[str, str]]) -> List[Dict[str, Any]]:
    """For the rows of a card."""
    return [{"document": label("document", each["kind"]), "file_name": each["name"]} for each in papers]


def _paper(sent: UploadedDocument) -> Dict[str, str]:
    return {"id": sent.id, "name": sent.file_name, "kind": sent.kind.value}


def open_request(talk: FormTurn, card_id: str) -> Optional[Application]:
    """The request on the card that the bank has not decided, if there is one."""
    still_open = (ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW, ApplicationStatus.NEEDS_DOCUMENTS)
    found = talk.turn.bank.applications(talk.turn.customer())
    return next((each for each in found if each.card_id == card_id and each.status in still_open), None)
