"""The page behind a link that leads to signing in.

    GET  /link/<secret>     says what signing in does; its button leads to the bank's page for it
    POST /link/<secret>     the bank's page sends the customer back here, with `identity_token` in a form

The bank's page is given `return`, the address to post to. It signs the customer in, asks whether that is wanted, and
must post to no other server than the assistant's. Opening the link changes nothing, for services look at links
beforehand; whoever is sent back by the bank is the customer, and the person to whom the link was sent is linked to
them. A customer who was given somebody else's link would link that person: both pages say so before.
"""

from __future__ import annotations

import asyncio
import html
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Callable
from urllib.parse import urlencode

from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.client import BankClient
from bank.errors import BankError
from bank.models import MessagingChannel
from channels.identity import TokenRejected, TokenVerifier
from channels.messaging import links
from channels.messaging.dialogue import Dialogue
from channels.messaging.identity import Identities, Known
from channels.messaging.links import LinkOver
from channels.messaging.people import Person
from channels.messaging.store import Store
from common.settings import settings

logger = logging.getLogger(__name__)

_PAGE = Path(__file__).with_name("link.html").read_text(encoding="utf-8")
_STYLE = Path(__file__).with_name("link.css").read_text(encoding="utf-8")
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_OK, _GONE, _FORBIDDEN, _LATER = 200, 410, 403, 503


@dataclass(frozen=True)
class Doors:
    """What the page needs."""

    name: str  # of the service
    store: Store
    bank: BankClient
    verifier: TokenVerifier
    dialogue: Dialogue
    identities: Identities
    linked: Callable[[], None]  # called when somebody was linked
    now: Callable[[], float]

    async def words(self, person: Person, part: str) -> str:
        """A sentence of the page, in the language of the person's conversation."""
        conversation_id = person.conversation_id or self.identities.conversation(person, Known(None, 0.0))
        return await self.dialogue.words(conversation_id, f"utter_label_messaging_link_{part}")

    def link(self, person: Person, customer_id: str, key: str) -> None:
        """Tell the bank. Blocks; raises `BankError`."""
        address = person.address
        self.bank.link_identity(
            customer_id,
            channel=MessagingChannel(address.platform),
            account=address.account,
            subject=address.subject,
            idempotency_key=key,
        )


def serve(blueprint: Blueprint, doors: Doors) -> None:
    """Add the routes."""

    @blueprint.get("/style/link.css", name="link_style")
    async def style(request: Request) -> HTTPResponse:
        return response.text(_STYLE, content_type="text/css; charset=utf-8", headers={"Cache-Control": "max-age=3600"})

    @blueprint.get("/link/<secret:str>", name="link")
    async def show(request: Request, secret: str) -> HTTPResponse:
        try:
            person = await doors.store.read(links.whose, secret, doors.now())
        except LinkOver:
            return await _plain(doors, _GONE, "over")
        title, text, go = [await doors.words(person, part) for part in ("title", "text", "go")]
        back = f"{settings().public_assistant_url()}/webhooks/{doors.name}/link/{secret}"
        address = f"{settings().link_sign_in_url()}?{urlencode({'return': back})}"
        button = f'<a class="button" rel="noreferrer" href="{html.escape(address)}">{html.escape(go)}</a>'
        return _page(_OK, title, text, button)

    @blueprint.post("/link/<secret:str>", name="linked")
    async def take(request: Request, secret: str) -> HTTPResponse:
        try:
            person = await doors.store.read(links.whose, secret, doors.now())
            customer_id = doors.verifier.verify((request.form or {}).get("identity_token")).customer_id
            await asyncio.to_thread(doors.link, person, customer_id, links.key(secret))
            await doors.store.write(links.use, secret, customer_id, doors.now())
        except LinkOver:
            return await _plain(doors, _GONE, "over")
        except TokenRejected as rejected:
            logger.warning("nobody was linked: %s", rejected)
            return await _plain(doors, _FORBIDDEN, "refused")
        except BankError as error:
            logger.warning("the bank linked nobody: %s", type(error).__name__)
            return await _plain(doors, _LATER, "later")
        doors.linked()
        title, text = [await doors.words(person, part) for part in ("done_title", "done")]
        return _page(_OK, title, text, "")


async def _plain(doors: Doors, status: int, part: str) -> HTTPResponse:
    """To somebody of whom nothing is known: in both languages."""
    both = [await doors.dialogue.said_in(language, f"utter_label_messaging_link_{part}") for language in ("zh", "en")]
    return _page(status, both[0], both[1], "")


def _page(status: int, title: str, text: str, more: str) -> HTTPResponse:
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in text.splitlines() if line)
    page = _PAGE.replace("{{title}}", html.escape(title)).replace("{{text}}", paragraphs).replace("{{more}}", more)
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return response.html(page, status, headers)
