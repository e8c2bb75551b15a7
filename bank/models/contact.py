"""How a customer may be contacted, what was, who took over, and who is who in a messaging service."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import List, Literal, Optional

from bank.strict import Model, Moment, TimeOfDay


class ContactChannel(str, Enum):
    """A way to reach the customer."""

    WEBCHAT = "webchat"
    WECHAT = "wechat"
    SMS = "sms"
    EMAIL = "email"
    PHONE = "phone"


class ContactPreferences(Model):
    """How and when the customer wants to be reached. `version` names what was read, for changing it."""

    channels: List[ContactChannel]  # the preferred one first; those that are absent are not to be used
    reminders: bool  # before the due date
    contact_from: TimeOfDay  # in `time_zone`
    contact_until: TimeOfDay
    time_zone: str  # an IANA name, e.g. Asia/Shanghai
    night_consent: bool  # to be contacted from 22:00 to 08:00, too
    language: Literal["zh", "en"]
    paused_until: Optional[date]  # "stop contacting me": nothing until that day but what the law requires
    version: int


class ContactAddresses(Model):
    """Where the customer is reached: the customer's own by the bank's record, never another person's."""

    email: Optional[str]
    phone: Optional[str]  # E.164, e.g. +8613800002046


class ContactKind(str, Enum):
    """What the customer was contacted for, or contacted the bank about."""

    REMINDER = "reminder"
    FOLLOW_UP = "follow_up"
    COLLECTION = "collection"
    SERVICE = "service"


class ContactDirection(str, Enum):
    """Who contacted whom."""

    OUT = "out"  # the bank's side the customer
    IN = "in"


class ContactOutcome(str, Enum):
    """What became of a contact."""

    PLANNED = "planned"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    STOPPED = "stopped"  # a rule forbade it


class Contact(Model):
    """One line of the contact log. Another outcome of the same contact is another line with the same `reference`."""

    id: str
    card_id: Optional[str]
    kind: ContactKind
    channel: ContactChannel
    direction: ContactDirection
    at: Moment
    outcome: ContactOutcome
    rule: str  # the rule that planned, allowed or stopped it
    text_id: Optional[str]  # which text was sent
    reference: Optional[str]  # what it was about: of an application, promise, dispute, or the contact's own


class HandOverPriority(str, Enum):
    """How soon a person has to look."""

    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"  # e.g. the customer is in distress


class HandOverStatus(str, Enum):
    """Whether a person still has to do something."""

    OPEN = "open"
    CLOSED = "closed"


class HandOverOutcome(str, Enum):
    """How a hand-over ended."""

    RESOLVED = "resolved"
    UNRESOLVED = "unresolved"
    NOT_REACHED = "not_reached"
    PASSED_ON = "passed_on"


class HandOver(Model):
    """A conversation that a person took over, or is to. Its summary is not given back."""

    reference: str
    status: HandOverStatus
    conversation_id: str
    reason: str  # a code, e.g. the customer's intent
    priority: HandOverPriority
    card_id: Optional[str]
    opened_at: Moment
    closed_at: Optional[Moment]
    outcome: Optional[HandOverOutcome]


class MessagingChannel(str, Enum):
    """A messaging service in which a customer can be known."""

    WECHAT = "wechat"
    WECOM = "wecom"


class MessagingIdentity(Model):
    """That a subject of a messaging service is this customer."""

    id: str
    channel: MessagingChannel
    account: str  # the bank's own account there: app id or corp id
    subject: str  # who the customer is there, e.g. an openid
    customer_id: str
    linked_at: Moment
    expires_at: Optional[Moment]
