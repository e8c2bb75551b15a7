"""A whole conversation, from the greeting over a request to an agent: every process has counted it, and none of what
was counted tells whose it was or what was said.
"""

from __future__ import annotations

import re
import time
from typing import Callable, Dict, Iterator, List, Mapping, Tuple

import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

from bank.client import BankClient
from tests.processes import ROOT, System, until
from tests.test_bank.contract import OPERATIONS
from tests.test_live.colleague import Colleague
from tests.test_live.conftest import OpenPage, Page

CUSTOMER = "demo-m1-first"
CARD, ID_NUMBER, PHONE = "6222021234567890123", "11010119900307123X", "13812345678"
_MOST_TRIES = 60
AGENT_SAYS = "您好，我是林，我看一下。"

Sample = Tuple[str, Tuple[Tuple[str, str], ...]]
Counts = Dict[Sample, float]
_ROUTE = re.compile(r"\(no route\)|/|(/([A-Za-z._-]+|v1|<\w+(:\w+)?>))+")


def scraped(live: System) -> Dict[str, Counts]:
    """What each process has counted."""
    origins = {
        "bank": live.bank_origin,
        "actions": live.actions.health_url[: -len("/health")],
        "assistant": live.assistant_origin,
        "desk": live.desk_origin,
    }
    return {process: _samples(f"{origin}/metrics") for process, origin in origins.items()}


def _samples(url: str) -> Counts:
    answer = requests.get(url, timeout=30)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
        if sample.name.startswith("assistant_")
    }


def code(live: System) -> str:
    """From the newest message to the customer's phone."""
    inbox = requests.get(f"{live.bank_origin}/sandbox/sms", timeout=30).json()
    text = next(message["text"] for message in inbox if message["customer_id"] == CUSTOMER)
    found = re.search(r"(?<!\d)\d{6}(?!\d)", text)
    assert found
    return found.group()


@pytest.fixture
def bank(live: System) -> Iterator[BankClient]:
    """The bank, which refuses the customer's requests afterwards."""
    client = BankClient(f"{live.bank_origin}/v1", (live.var_dir / "bank_api_token.secret").read_text().strip())
    yield client
    for each in client.applications(CUSTOMER):
        if each.withdrawable:
            decide = f"{live.bank_origin}/sandbox/applications/{each.reference}/decide"
            requests.post(decide, json={"approve": False}, timeout=30).raise_for_status()


def talk(live: System, lin: Colleague, page: Page) -> List[str]:
    """The conversation; what was said in it."""
    said = [
        "现在要还多少",
        f"我的卡号是{CARD}，身份证{ID_NUMBER}，电话{PHONE}",
        "齾龘靐",
        "我想分期还",
        "12期吧",
        "确认",
    ]
    for text in said:
        page.ask(text)
    while page.messages[-1].get("expects") != "code":  # the whole cost has to be read for some seconds
        time.sleep(1)
        said.append("确认")
        page.ask(said[-1])
        assert said.count("确认") < _MOST_TRIES, page.texts("bot")[-3:]
    said.append(code(live))
    page.ask(said[-1])
    page.ask("转人工")
    chat = page.conversation_id
    until(lambda: lin.state(chat) == "waiting")
    lin.act(chat, "claim")
    lin.say(chat, AGENT_SAYS)
    until(lambda: page.texts("agent"))
    page.ask("谢谢")
    lin.act(chat, "close", outcome="resolved", reason="")
    until(lambda: page.state().get("state") == "wrapped_up")
    return [*said, "转人工", "谢谢", AGENT_SAYS]


def grown(before: Counts, after: Counts, name: str, *labels: str) -> Dict[Tuple[str, ...], float]:
    """By how much a metric has grown, for each combination of labels."""
    found: Dict[Tuple[str, ...], float] = {}
    for (sample, pairs), value in after.items():
        more = value - before.get((sample, pairs), 0.0)
        if sample == name and more:
            key = tuple(dict(pairs)[label] for label in labels)
            found[key] = found.get(key, 0.0) + more
    return found


def test_a_whole_conversation_is_counted_everywhere_and_no_label_tells_of_it(
    live: System, lin: Colleague, customer: OpenPage, bank: BankClient
) -> None:
    page = customer(CUSTOMER)
    before = scraped(live)
    said = talk(live, lin, page)
    after = scraped(live)

    def of(process: str, name: str, *labels: str) -> Dict[Tuple[str, ...], float]:
        return grown(before[process], after[process], name, *labels)

    messages = of("assistant", "assistant_messages_total", "channel", "reading")
    assert messages[("webchat", "fallback")] >= 1
    assert sum(messages.values()) == len(said) - 1
    assert of("assistant", "assistant_turn_seconds_count", "channel") == {("webchat",): len(said) - 1}
    outcomes = of("assistant", "assistant_turns_total", "outcome")
    assert outcomes == {("answered",): len(said) - 2, ("silent",): 1}
    assert of("actions", "assistant_action_seconds_count", "action")[("action_human",)] == 1
    assert of("actions", "assistant_action_failures_total") == {}
    assert of("actions", "assistant_handovers_total", "staffed") == {("yes",): 1}
    filing = ("POST /customers/{customer_id}/applications", "done")
    assert of("actions", "assistant_bank_calls_total", "operation", "result")[filing] == 1
    route = "/v1/customers/<customer_id:str>/applications"
    assert of("bank", "assistant_http_requests_total", "method", "route", "status")[("POST", route, "201")] == 1
    assert of("desk", "assistant_desk_deliveries_total", "result")[("sent",)] >= 1
    until(lambda: scraped(live)["desk"][("assistant_desk_feed_behind", ())] == 0)
    assert after["desk"][("assistant_desk_agents", (("status", "available"),))] >= 1
    assert after["assistant"][("assistant_model_ready", ())] == 1

    [filed] = [each for each in bank.applications(CUSTOMER) if each.withdrawable]
    cards = bank.cards(CUSTOMER)
    tell_tale = [
        *said, CUSTOMER, page.conversation_id, CARD, ID_NUMBER, PHONE, filed.reference,
        bank.customer(CUSTOMER).name, "林", "lin", *(each.id for each in cards), *(each.last4 for each in cards),
    ]  # fmt: skip
    for process, counts in after.items():
        for name, pairs in counts:
            for label, value in pairs:
                assert not [word for word in tell_tale if word in value], (process, name, label)
                assert _KNOWN[label](value), (process, name, label, value)


def _in(*values: str) -> Callable[[str], bool]:
    return frozenset([*values, "other"]).__contains__


def _actions() -> List[str]:
    found: List[str] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))["actions"]
    forms: Mapping[str, object] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8")).get("forms", {})
    return [*found, *forms, *(f"validate_{form}" for form in forms)]


def _triggers() -> List[str]:
    content = yaml.safe_load((ROOT / "data/responses/handover.yml").read_text(encoding="utf-8"))
    return [str(row["name"]) for row in content["handover"]["triggers"]]


#: What each label may hold, whatever is said.
_KNOWN: Dict[str, Callable[[str], bool]] = {
    "process": _in("bank", "actions", "assistant", "desk"),
    "version": lambda value: re.fullmatch(r"\d+\.\d+\.\d+", value) is not None,
    "method": _in("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
    "route": lambda value: _ROUTE.fullmatch(value) is not None,
    "status": lambda value: re.fullmatch(r"[1-5]\d\d|available|away", value) is not None,
    "operation": _in(*(f"{each.method} {each.template}" for each in OPERATIONS.values())),
    "result": _in(*"done rejected failed timeout unreachable broken sent refused doubtful".split()),
    "action": _in(*_actions()),
    "reason": _in("bank", "fault", "not_offered"),
    "trigger": _in(*_triggers()),
    "staffed": _in("yes", "no"),
    "tried": _in("yes", "no"),
    "channel": _in("webchat"),
    "language": _in("zh", "en"),
    "reading": _in("understood", "fallback", "button", "unread"),
    "outcome": _in("answered", "silent", "apology", "unanswered"),
    "state": _in("waiting", "later", "agent", "elsewhere"),
    "platform": _in("wechat", "wecom"),
    "le": lambda value: re.fullmatch(r"[\d.]+|\+Inf", value) is not None,
}
