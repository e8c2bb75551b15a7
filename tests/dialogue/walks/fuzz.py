"""A customer who does anything: presses, asks, answers, babbles, falls silent; and what must hold whatever comes.

A walk is made by its seed alone, apart from what the bank holds at that moment.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Set
from urllib.parse import urlsplit

import yaml
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bank.exchange import Answer, Request
from dialogue.formats import money
from tests.dialogue.conftest import Outage
from tests.dialogue.harness import Assistant, Conversation, Reply
from tests.dialogue.phone import Phones

CUSTOMERS = (
    "demo-due-soon demo-grace demo-m1-first demo-m1-partial demo-m2 demo-m4 demo-two-cards demo-pending demo-disputed"
    " demo-instalment demo-english demo-clear"
).split()
SENTENCES: Dict[str, List[str]] = yaml.safe_load(
    Path(__file__).with_name("fuzz_sentences.yml").read_text(encoding="utf-8")
)
LONG = "我" * 900
ENTITIES: Dict[str, Sequence[str]] = {
    "amount": ["500.00", "0.01", "99999999", "abc"],
    "date": ["2026-12-15", "2020-01-01", "9999-12-31", "soon"],
    "term": ["3", "12", "0", "1000", "x"],
    "card": ["0000", "x"],
    "reason": ["unemployment", "illness", "hacked"],
    "code": ["000000", "1"],
    "reference": ["A-1", "%00"],
    "offer": ["nothing"],
    "field": ["term", "date", "proof", "language"],
    "callback": ["ask", "morning", "midnight"],
    "care": ["fraud", "x"],
}

_AMOUNT = re.compile(r"-?¥[\d,]+\.\d\d")
_DECIMAL = re.compile(r"-?\d+\.\d{2}")
_TYPED = re.compile(r"\d+(?:\.\d+)?")
_SAME_AT_MOST = 2  # answers in a row that are alike
_LOST_AT_MOST = 2  # answers in a row without a next step
_LEAVES_IT_TO_CUSTOMER = {
    "utter_wait",
    "utter_goodbye",
    "utter_thank",
    "utter_how_was_it",
    "utter_rated",
}  # they said what comes next themselves
# Codes are no requests, and a paper that the customer asked for by button changes nothing.
# That a consent is refused is written down, too: see the forms' own tests.
_NO_WRITES = re.compile(r"/(?:challenges(?:/[^/]+/check)?|issued-documents|consents)$")


@dataclass
class BankLog:
    """What the bank was asked and answered, by conversation."""

    amounts: Dict[str, Set[str]] = field(default_factory=dict)  # as a customer would read them
    writes: Dict[str, List[str]] = field(default_factory=dict)  # "POST /v1/customers/…"

    def note(self, conversation: str, request: Request, answer: Answer) -> None:
        """Remember one exchange."""
        if answer.content_type.endswith("json"):
            self.amounts.setdefault(conversation, set()).update(_amounts(json.loads(answer.body)))
        path = urlsplit(request.url).path
        if request.method != "GET" and answer.status < 300 and not _NO_WRITES.search(path):
            self.writes.setdefault(conversation, []).append(f"{request.method} {path}")


def _amounts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        yield money(value, "zh")
        yield money(str(abs(Decimal(value))), "zh")
    elif isinstance(value, dict):
        for part in value.values():
            yield from _amounts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _amounts(part)


@dataclass
class Walk:
    """One conversation: what was said, what came back, and what follows from it."""

    talk: Conversation
    log: BankLog
    transcript: List[str] = field(default_factory=list)
    replies: List[Reply] = field(default_factory=list)
    messages: List[str] = field(default_factory=list)
    shown: bool = False  # an offer stands to be confirmed
    confirmed: bool = False  # and the customer has said yes to it
    written: int = 0  # writes at the bank so far

    def say(self, text: str) -> None:
        """One turn, and everything that must hold after it. Raises `AssertionError` with the transcript."""
        self.messages.append(text)
        self.transcript.append(f"customer> {text[:80]!r}")
        try:
            reply = self.talk(text)
            self.replies.append(reply)
            self.transcript.append(f"assistant> {reply.responses} {reply.text[:160]!r} {reply.titles}")
            self._check(reply)
        except Exception as error:
            heard = "\n".join(self.transcript[-14:])
            raise AssertionError(f"{error}\n{self.talk.customer} {self.talk.language}\n{heard}") from error

    def _check(self, reply: Reply) -> None:
        tracker = self.talk.tracker
        assert reply.messages, "no answer at all"
        assert "utter_technical_problem" not in reply.responses, "something failed"
        self._has_next_step()
        self._does_not_repeat_itself(tracker)
        self._states_only_the_bank_s_amounts(reply)
        self._files_only_what_was_confirmed(reply, tracker)

    def _has_next_step(self) -> None:
        answers = [reply for reply in self.replies if not _LEAVES_IT_TO_CUSTOMER & set(reply.responses)]
        latest = answers[-_LOST_AT_MOST - 1 :]
        assert len(latest) <= _LOST_AT_MOST or any(map(leads_on, latest)), "no next step after three messages"

    def _does_not_repeat_itself(self, tracker: DialogueStateTracker) -> None:
        latest = self.replies[-_SAME_AT_MOST - 1 :]
        if len(latest) <= _SAME_AT_MOST or asked_to_repeat(tracker):
            return
        assert len({(reply.text, *reply.titles) for reply in latest}) > 1, "the same answer three times in a row"

    def _states_only_the_bank_s_amounts(self, reply: Reply) -> None:
        known = self.log.amounts.get(self.talk.id, set()) | self._typed()
        invented = sorted(set(_AMOUNT.findall("\n".join([reply.text, *reply.titles]))) - known)
        assert not invented, f"amounts that the bank did not give: {invented}"

    def _typed(self) -> Set[str]:
        """Amounts that the customer named: they may be said back."""
        return {money(number, "zh") for text in self.messages for number in _TYPED.findall(text) if len(number) < 15}

    def _files_only_what_was_confirmed(self, reply: Reply, tracker: DialogueStateTracker) -> None:
        if self.shown and _intents(tracker)[-1:] == ["affirm"]:
            self.confirmed = True
        writes = self.log.writes.get(self.talk.id, [])[self.written :]
        self.transcript.append(f"(shown {self.shown}, confirmed {self.confirmed}, wrote {writes})")
        assert self.confirmed or not writes, f"written without a confirmation: {writes}"
        self.written += len(writes)
        if writes:
            self.confirmed = False
        self.shown = any(name.endswith(("_summary", "_confirm", "_confirmed")) for name in reply.responses) or (
            self.shown and not writes and tracker.active_loop_name is not None
        )


def asked_to_repeat(tracker: DialogueStateTracker) -> bool:
    """Whether one of the latest messages wished to hear the same again."""
    return "repeat" in _intents(tracker)[-_SAME_AT_MOST - 1 :]


def _intents(tracker: DialogueStateTracker) -> List[str]:
    return [event.intent_name or "" for event in tracker.events if isinstance(event, UserUttered)]


def leads_on(reply: Reply) -> bool:
    """Whether the customer sees what to do: a button, a link, a field to fill in, or a question."""
    return bool(reply.titles) or any(
        message.get("link") or message.get("expects") or str(message.get("text", "")).rstrip().endswith(("?", "？"))
        for message in reply.messages
    )


class Fuzzer:
    """Makes walks of one seed. `done` counts what was sent, by kind."""

    def __init__(
        self, seed: int, assistant: Assistant, log: BankLog, phones: Phones, outage: Outage, intents: Sequence[str]
    ) -> None:
        self._random = random.Random(seed)
        self._assistant = assistant
        self._log = log
        self._phones = phones
        self._outage = outage
        self._intents = intents
        self.done: "Counter[str]" = Counter()
        self.amounts_shown = 0

    def run(self, turns: int) -> None:
        """Conversations until `turns` messages were sent."""
        while sum(self.done.values()) < turns:
            self._conversation(min(self._random.randint(6, 30), turns - sum(self.done.values())))

    def _conversation(self, turns: int) -> None:
        language = self._random.choice(["zh", "en"])
        customer = self._random.choice([*CUSTOMERS, *CUSTOMERS, None])
        walk = Walk(self._assistant.conversation(customer, language), self._log)
        walk.transcript.append(f"({language}, {customer})")
        for _ in range(turns):
            walk.talk.identity_expired = bool(customer) and self._random.random() < 0.03
            kind, text = self._message(walk)
            self.done[kind] += 1
            if self._random.random() < 0.04:
                walk.transcript.append("(bank down)")
                with self._outage():
                    walk.say(text)
            else:
                walk.say(text)
        self.amounts_shown += sum("¥" in reply for reply in walk.replies)

    def _message(self, walk: Walk) -> Any:
        kinds: List[Callable[[Walk], Optional[str]]] = [
            self._press, self._code, self._command, self._answer, self._sentence, self._garbage,
        ]  # fmt: skip
        while True:
            (kind,) = self._random.choices(kinds, weights=[45, 12, 15, 10, 13, 5])
            text = kind(walk)
            if text is not None:
                return kind.__name__.strip("_"), text

    def _press(self, walk: Walk) -> Optional[str]:
        """A button: mostly of the last answer, sometimes of an old one."""
        recent = walk.replies[-1:] if self._random.random() < 0.9 else walk.replies
        payloads = [button["payload"] for reply in recent for m in reply.messages for button in m.get("buttons", [])]
        return str(self._random.choice(payloads)) if payloads else None

    def _code(self, walk: Walk) -> Optional[str]:
        """The one-time code, if one is awaited: the right one, mostly."""
        if not walk.replies or walk.talk.customer is None:
            return None
        if not any(message.get("expects") == "code" for message in walk.replies[-1].messages):
            return None
        sent = self._phones.messages(walk.talk.customer)
        found = re.search(r"(?<!\d)\d{6}(?!\d)", sent[0]) if sent else None
        return found.group() if found and self._random.random() < 0.8 else "111111"

    def _command(self, walk: Walk) -> str:
        """Any intent, with any entities: what anyone can type."""
        intent = self._random.choice(self._intents)
        names = self._random.sample(sorted(ENTITIES), self._random.choice([0, 0, 0, 1, 1, 2]))
        entities = {name: self._random.choice(ENTITIES[name]) for name in names}
        return f"/{intent}{json.dumps(entities) if entities else ''}"

    def _answer(self, walk: Walk) -> str:
        return self._random.choice(
            ["/affirm", "/affirm", "/deny", '/inform{"term": "12"}', '/inform{"date": "2026-12-10"}', "/stop", "/retry",
             "/repeat", "/explain_why", '/inform{"reason": "unemployment"}', "/correct", "/wait"]
        )  # fmt: skip

    def _sentence(self, walk: Walk) -> str:
        return self._random.choice(SENTENCES[walk.talk.language if self._random.random() < 0.9 else "en"])

    def _garbage(self, walk: Walk) -> str:
        return self._random.choice([*SENTENCES["garbage"], LONG])
