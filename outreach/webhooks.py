"""The addresses that gateways and the mail server call, under a secret that only they know.

    POST /inbound/<secret>/aliyun/reports    SmsReport        POST /inbound/<secret>/tencent/reports
    POST /inbound/<secret>/aliyun/replies    SmsUp            POST /inbound/<secret>/tencent/replies
    POST /inbound/<secret>/webhook/reports   the bank's own message service; …/webhook/replies
    POST /inbound/<secret>/mail              a mail, as it is (message/rfc822): replies and bounces

What comes is in the database when it is answered; it is worked on later.
"""

from __future__ import annotations

import asyncio
import hmac
import json as json_module
import logging
from typing import Any, Callable, Dict, Mapping, Sequence, Union

from sanic import Blueprint
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse, empty, json

from outreach import inbound
from outreach.answers import Answers
from outreach.inbound import Malformed, Reply, Report

logger = logging.getLogger(__name__)

_Parser = Callable[[Any], Sequence[Union[Reply, Report]]]
_PARSERS: Mapping[str, _Parser] = {
    "aliyun/reports": inbound.aliyun_reports,
    "aliyun/replies": inbound.aliyun_replies,
    "tencent/reports": inbound.tencent_reports,
    "tencent/replies": inbound.tencent_replies,
    "webhook/reports": inbound.webhook_reports,
    "webhook/replies": inbound.webhook_replies,
}
#: What each gateway takes for "got it"; on anything else it comes again.
_TAKEN: Mapping[str, Dict[str, Any]] = {
    "aliyun": {"code": 0, "msg": "OK"},
    "tencent": {"result": 0, "errmsg": "OK"},
    "webhook": {"taken": True},
}


def blueprint(answers: Answers, secret: str) -> Blueprint:
    """The routes."""
    routes = Blueprint("inbound")

    @routes.post("/inbound/<given:str>/<gateway:str>/<what:str>", name="gateway")
    async def gateway(request: Request, given: str, gateway: str, what: str) -> HTTPResponse:
        _check(given, secret)
        parser = _PARSERS.get(f"{gateway}/{what}")
        if parser is None:
            raise NotFound("no such gateway")
        try:
            found = parser(json_module.loads(request.body))
        except ValueError as error:  # Malformed, too
            logger.warning("%s sent what it should not: %s", gateway, type(error).__name__)
            return json({"error": "malformed"}, 400)
        await asyncio.get_running_loop().run_in_executor(None, _take, answers, found)
        return json(_TAKEN[gateway])

    @routes.post("/inbound/<given:str>/mail", name="mail")
    async def mail(request: Request, given: str) -> HTTPResponse:
        _check(given, secret)
        try:
            found = inbound.mail(request.body)
        except Malformed as error:
            logger.warning("the mail server sent what it should not: %s", error)
            return json({"error": "malformed"}, 400)
        await asyncio.get_running_loop().run_in_executor(None, _take, answers, [found] if found else [])
        return empty()

    return routes


def _take(answers: Answers, found: Sequence[Union[Reply, Report]]) -> None:
    for each in found:
        if isinstance(each, Reply):
            answers.take_reply(each)
        else:
            answers.take_report(each)


def _check(given: str, secret: str) -> None:
    if not hmac.compare_digest(given.encode(), secret.encode()):
        raise NotFound("no such page")
