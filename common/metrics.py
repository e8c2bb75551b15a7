"""What every process counts, for Prometheus. `docs/operations.md` says what each is good for, with alerts.

Counters, histograms and the build belong to the process; a `Level` is read when somebody looks (`common.scrape`).

No label ever holds what a customer wrote or is, nor an id of anything: each takes its values from the code, the plan or
the domain. What comes from outside goes through `one_of` first.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Collection, Iterator, List, Mapping, Sequence, Tuple, Union

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily

from common.settings import ROOT

disable_created_metrics()  # a second series for each counter, which nobody asks for

OTHER = "other"  # the label of all that is not known
_CHANNELS = frozenset({"webchat", "wechat", "wecom", "sms", "email"})
_LANGUAGES = frozenset({"zh", "en"})

_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
_PATIENT = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0)  # seconds

BUILD = Gauge("assistant_build_info", "1, with the process and its version.", ["process", "version"])

HTTP_REQUESTS = Counter("assistant_http_requests", "Requests answered.", ["method", "route", "status"])
HTTP_SECONDS = Histogram(
    "assistant_http_request_seconds", "From a request to its answer.", ["method", "route"], buckets=_QUICK
)

BANK_CALLS = Counter("assistant_bank_calls", "Calls of the bank, with all their tries.", ["operation", "result"])
BANK_SECONDS = Histogram(
    "assistant_bank_call_seconds", "A call of the bank, with all its tries.", ["operation"], buckets=_QUICK
)
BANK_RETRIES = Counter("assistant_bank_retries", "Further tries of calls of the bank.", ["operation"])
BANK_BREACHES = Counter("assistant_bank_contract_breaches", "Answers that break the contract.", ["operation"])

ACTION_SECONDS = Histogram("assistant_action_seconds", "A run of an action.", ["action"], buckets=_QUICK)
ACTION_FAILURES = Counter("assistant_action_failures", "Actions that told of a failure.", ["action", "reason"])

MESSAGES = Counter("assistant_messages", "Customers' messages.", ["channel", "language", "reading"])
TURNS = Counter("assistant_turns", "Turns, by what the customer got.", ["channel", "outcome"])
TURN_SECONDS = Histogram(
    "assistant_turn_seconds", "From a message to the end of its answer.", ["channel"], buckets=_PATIENT
)
HANDOVERS = Counter("assistant_handovers", "Wishes for a person.", ["trigger", "staffed"])

PLATFORM_CALLS = Counter("assistant_platform_calls", "Calls of a messaging service.", ["platform", "code"])
DELIVERIES = Counter("assistant_desk_deliveries", "Attempts to bring the desk's messages to customers.", ["result"])
CONTACTS = Counter("assistant_contacts", "Contacts, by what became of them.", ["step", "channel", "outcome", "rule"])
SCRAPE_FAILURES = Counter("assistant_scrape_failures", "Levels that could not be read, and are missing.", ["process"])

_LEVELS: List["Level"] = []


@dataclass(frozen=True)
class Level:
    """How much there is of something, read at the moment in which it is asked for."""

    name: str
    help: str
    labels: Sequence[str] = field(default=())

    def __post_init__(self) -> None:
        _LEVELS.append(self)

    def of(self, found: Union[float, Mapping[str, float], Mapping[Tuple[str, ...], float]]) -> GaugeMetricFamily:
        """The metric with its values: one, or one for each value of its label, or for each combination of them."""
        family = GaugeMetricFamily(self.name, self.help, labels=self.labels)
        values = found if isinstance(found, Mapping) else {(): found}
        for labels, value in values.items():
            family.add_metric((labels,) if isinstance(labels, str) else labels, value)
        return family


MODEL_READY = Level("assistant_model_ready", "1 if the model can answer.")
PAGES_OPEN = Level("assistant_webchat_pages", "Open pages of the web chat.")

INBOX = Level("assistant_messaging_inbox", "Messages that wait for an answer.", ["platform"])
INBOX_AGE = Level("assistant_messaging_inbox_oldest_seconds", "For how long the first one has waited.", ["platform"])
OUTBOX = Level("assistant_messaging_outbox", "Messages that are not sent yet.", ["platform", "state"])
OUTBOX_AGE = Level(
    "assistant_messaging_outbox_oldest_seconds", "For how long the first one that may be sent has waited.", ["platform"]
)

CONVERSATIONS = Level("assistant_desk_conversations", "Conversations with people, or on the way there.", ["state"])
LONGEST_WAIT = Level("assistant_desk_longest_wait_seconds", "For how long the first in the queue has waited.")
AGENTS = Level("assistant_desk_agents", "Agents whose console is open.", ["status"])
DESK_OUTBOX = Level("assistant_desk_outbox", "What the assistant is still to be told.", ["tried"])
DESK_OUTBOX_AGE = Level("assistant_desk_outbox_oldest_seconds", "For how long the first of it has waited.")
DESK_BEHIND = Level("assistant_desk_feed_behind", "Events of conversations that the desk has not read.")

CONTACTS_DUE = Level("assistant_outreach_due", "Contacts whose time has come.")
CONTACTS_LATE = Level("assistant_outreach_due_oldest_seconds", "For how long the first of them has been due.")
UNTOLD = Level("assistant_outreach_untold", "Lines that the bank's contact log lacks.")
RUN_ACCOUNTS = Level("assistant_outreach_run_accounts", "Accounts read by today's planning.")
RUN_PLANNED = Level("assistant_outreach_run_planned", "Contacts planned today.")
RUN_FINISHED = Level("assistant_outreach_run_finished", "1 if today's planning is finished.")
SCHEDULE_RUNS = Level("assistant_outreach_schedule_running", "1 if the schedule runs.")


def levels() -> List[Level]:
    """All of them."""
    return list(_LEVELS)


def one_of(value: object, known: Collection[str]) -> str:
    """`value` if it is known, else `other`."""
    return value if isinstance(value, str) and value in known else OTHER


def channel_label(name: object) -> str:
    """A channel as Rasa names it."""
    return one_of(name, _CHANNELS)


def language_label(language: object) -> str:
    """The language in which a message is written; buttons and digits have none."""
    return one_of(language, _LANGUAGES)


@contextmanager
def timed(histogram: Histogram, *labels: str) -> Iterator[None]:
    """Observe how long the block takes, also if it fails."""
    started = time.monotonic()
    try:
        yield
    finally:
        histogram.labels(*labels).observe(time.monotonic() - started)


def version() -> str:
    """This product's, as in `pyproject.toml`."""
    found = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else "unknown"
