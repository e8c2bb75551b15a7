"""`/metrics`: what it counts of requests, who may read it, and what it says when a database fails."""

from __future__ import annotations

from http import HTTPStatus
from typing import Dict, Iterator, List

import pytest
import requests
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, text
from sqlalchemy.exc import OperationalError

from common import metrics, scrape
from common.settings import settings
from tests.counted import Counted
from tests.test_desk.serving import served

WAITING = 7.0


@pytest.fixture
def origin() -> Iterator[str]:
    """A small service with `/metrics`; one of its databases is broken."""
    app = Sanic("scraped", configure_logging=False)
    app.config.FALLBACK_ERROR_FORMAT = "json"

    def works() -> List[Metric]:
        return [metrics.CONTACTS_DUE.of(WAITING), metrics.INBOX.of({"wechat": 2.0})]

    def fails() -> List[Metric]:
        raise OperationalError("SELECT 1", {}, Exception("disk full"))

    scrape.serve(app, "scraped", fails)
    scrape.also(app, works)

    @app.get("/customers/<customer_id:str>/cards")
    async def cards(_: Request, customer_id: str) -> HTTPResponse:
        return text(customer_id, HTTPStatus.NOT_FOUND if customer_id == "c-none" else 200)

    @app.get("/broken")
    async def broken(_: Request) -> HTTPResponse:
        raise ValueError("broken")

    with served(app) as url:
        yield url


def samples(origin: str, **headers: str) -> Dict[str, float]:
    """Every sample as it is written, by name and labels."""
    answer = requests.get(f"{origin}/metrics", headers=headers, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            found[" ".join([sample.name, *(f"{name}={value}" for name, value in sample.labels.items())])] = sample.value
    return found


def test_requests_count_by_route_and_status_and_not_by_address(origin: str) -> None:
    with Counted("assistant_http_requests_total") as counted, Counted("assistant_http_request_seconds_count") as timed:
        for customer in ("c-1", "c-2", "c-none"):
            requests.get(f"{origin}/customers/{customer}/cards", timeout=10)
        requests.get(f"{origin}/broken", timeout=10)
        requests.get(f"{origin}/customers/c-3/passwords", timeout=10)
        requests.request("PROPFIND", f"{origin}/broken", timeout=10)
        requests.get(f"{origin}/socket.io/?transport=polling", timeout=10)
    assert counted.by("method", "route", "status") == {
        ("GET", "/customers/<customer_id:str>/cards", "200"): 2,
        ("GET", "/customers/<customer_id:str>/cards", "404"): 1,
        ("GET", "/broken", "500"): 1,
        ("GET", "(no route)", "404"): 1,
        ("other", "(no route)", "405"): 1,
    }
    assert timed.by("route")[("/customers/<customer_id:str>/cards",)] == 3


def test_the_answer_has_the_counts_the_levels_the_process_and_the_build(origin: str) -> None:
    with Counted("assistant_scrape_failures_total") as failures:
        found = samples(origin)
    assert found["assistant_outreach_due"] == WAITING
    assert found["assistant_messaging_inbox platform=wechat"] == 2
    assert found[f"assistant_build_info process=scraped version={metrics.version()}"] == 1
    assert found["process_resident_memory_bytes"] > 0
    assert failures.by("process") == {("scraped",): 1}  # and the other levels are there all the same
    assert not [name for name in found if "_created" in name]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_without_a_token_nobody_is_answered_through_a_proxy(origin: str, header: str) -> None:
    assert requests.get(f"{origin}/metrics", headers={header: "203.0.113.9"}, timeout=10).status_code == 403


def test_without_a_token_no_other_machine_is_answered(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scrape, "is_this_machine", lambda host: host != "127.0.0.1")
    answer = requests.get(f"{origin}/metrics", timeout=10)
    assert answer.status_code == 403
    assert "assistant_" not in answer.text


def test_with_a_token_whoever_has_it_is_answered_and_nobody_else(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "metrics_token", "for-prometheus")
    for given in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic for-prometheus"}):
        answer = requests.get(f"{origin}/metrics", headers=given, timeout=10)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert "assistant_" not in answer.text
    monkeypatch.setattr(scrape, "is_this_machine", lambda host: False)
    assert samples(origin, Authorization="Bearer for-prometheus", **{"X-Forwarded-For": "203.0.113.9"})
