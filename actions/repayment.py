"""How and where to repay."""

from __future__ import annotations

import re
from typing import Any, Dict, List

from actions.base import Turn
from actions.cards import CardAction, Focus, choose_card
from actions.situation import Situation, owed, situation_of
from actions.values import days, label, money
from bank.models import Card, RepaymentChannel

_WHICH_FIRST = re.compile(
    r"先(?:还|付|交)(?:哪|那一?[张个]好)|哪一?[张个]卡?.{0,6}(?:先|优先)|(?:先|优先).{0,6}哪一?[张个]"
    r"|\bwhich (?:card|one|of (?:them|the two|my cards)).{0,30}\bfirst\b",
    re.IGNORECASE,
)

#: Whether somebody else may pay.
_BY_ANOTHER = re.compile(
    r"(?:[别他家]人|家里人|朋友|儿子|女儿|孩子|老[公婆]|爱人|丈夫|妻子|爸|妈|父母|[父母]亲|[哥姐弟妹]|亲戚|同事).{0,4}(?:替|帮|代|给我|能不能|可以)"
    r"|(?:替|帮|代)(?:我|别人|家人|他|她)还|代还|\bpay (?:it |this |my \w+ )?(?:for me|on my behalf)\b"
    r"|\bsome(?:one|body) else\b.{0,20}\bpay\b|\bmy \w+ pays? (?:it|this|my)\b",
    re.IGNORECASE,
)


class ActionRepaymentChannels(CardAction):
    """`ask_repayment_channels`."""

    intent = "ask_repayment_channels"
    general = "utter_general_repayment"

    def name(self) -> str:
        return "action_repayment_channels"

    def focus(self, turn: Turn, cards: List[Card]) -> Focus:
        if len(cards) < 2 or not _WHICH_FIRST.search(turn.text):
            return super().focus(turn, cards)
        found = choose_card(cards, named=None, remembered=None)
        if found.card.amount_due > 0:
            turn.say("utter_card_first", **found.values(), card_state=label("card_state", found.card.state))
        return found

    def about(self, turn: Turn, focus: Focus) -> None:
        channels = turn.bank.repayment_channels(turn.customer(), focus.card.id)
        summary = turn.bank.overdue(turn.customer(), focus.card.id)
        if not channels:
            turn.say("utter_repayment_unknown", **focus.values())
            return
        best = next((channel for channel in channels if channel.recommended), channels[0])
        wished = next((channel for channel in channels if channel.kind == turn.entity("channel")), None)
        if _BY_ANOTHER.search(turn.text):
            turn.say("utter_paid_by_another")
        if wished:
            channels = [wished, *(channel for channel in channels if channel is not wished)]
        turn.say(
            "utter_repayment_by" if wished else "utter_repayment",
            **focus.values(),
            **owed(summary),
            opening=label("repayment_opening", situation_of(summary).group),
            best=label("channel", (wished or best).kind),
            posting_best=_posting(wished or best),
            posting_days=days((wished or best).posting_days),
            channels=[channel_values(channel) for channel in channels],
            owes=situation_of(summary) is not Situation.CLEAR,
        )


def channel_values(channel: RepaymentChannel) -> Dict[str, Any]:
    """One way to repay as a row: how soon it is booked, its fee, limit and account."""
    return {
        "channel": label("channel", channel.kind),
        "posting": _posting(channel),
        "posting_days": days(channel.posting_days),
        "channel_terms": label("channel_terms", _terms(channel)),
        "channel_fee": money(channel.fee),
        "channel_limit": money(channel.single_limit),
        "channel_account": channel.account,
    }


def _posting(channel: RepaymentChannel) -> Dict[str, Any]:
    return dict(label("posting", "later" if channel.posting_days else "at_once"))


def _terms(channel: RepaymentChannel) -> str:
    parts = ["fee" if channel.fee else "free"]
    parts += [name for name, given in (("limit", channel.single_limit), ("account", channel.account)) if given]
    return "_".join(parts)
