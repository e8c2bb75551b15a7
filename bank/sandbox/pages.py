"""The demonstration bank's own pages: sign-in, the customer's home with the chat, and the customers' phones.

They stand for the web site and the app of a real bank. Signing in asks for no password: all customers are invented.
The pages read the account through the same API that the assistant uses.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any, Dict, Optional
from urllib.parse import urlencode, urlsplit

import jwt
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bank.client import bank_client
from bank.errors import BankError, NotFound
from bank.sandbox.identity import issue_token
from common.settings import settings

_STATIC = Path(__file__).with_name("static")
_HTML = Path(__file__).with_name("html")  # `frame` is what all pages have
COOKIE = "demonstration_bank"
SESSION_SECONDS = 12 * 3600
LINK_COOKIE = "demonstration_bank_link"  # where a customer who has yet to sign in is going
LINK_SECONDS = 600
_RECENT_TRANSACTIONS = 6

#: In the order of the sign-in page: customer id and whether the page shows it in English.
CUSTOMERS: Dict[str, str] = {
    "demo-m1-first": "zh",
    "demo-m1-partial": "zh",
    "demo-grace": "zh",
    "demo-due-soon": "zh",
    "demo-m2": "zh",
    "demo-m4": "zh",
    "demo-two-cards": "zh",
    "demo-pending": "zh",
    "demo-disputed": "zh",
    "demo-instalment": "zh",
    "demo-agreement": "zh",
    "demo-english": "en",
    "demo-clear": "zh",
}

_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}

blueprint = Blueprint("pages")
blueprint.static("/static", str(_STATIC), name="bank_static")


def page(name: str, *, posts_to_assistant: bool = False) -> HTTPResponse:
    """One of the pages in its frame, with the headers that all have."""
    assistant = settings().public_assistant_url()
    html = (_HTML / "frame.html").read_text(encoding="utf-8")
    html = html.replace("{{content}}", (_HTML / f"{name}.html").read_text(encoding="utf-8"))
    html = html.replace("{{name}}", name).replace("{{assistant}}", assistant)
    policy = _content_policy(assistant, posts_to_assistant)
    return response.html(html, headers={**_HEADERS, "Content-Security-Policy": policy})


def _content_policy(assistant: str, posts_to_assistant: bool) -> str:
    """The page runs its own files and the assistant's, and nothing else."""
    address = urlsplit(assistant)
    files = f"{address.scheme}://{address.netloc}"
    sockets = f"{'wss' if address.scheme == 'https' else 'ws'}://{address.netloc}"
    forms = f"'self' {files}" if posts_to_assistant else "'self'"
    return (
        f"default-src 'none'; script-src 'self' {files}; style-src 'self' {files}; img-src 'self' data:; "
        f"connect-src 'self' {files} {sockets}; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
    )


def signed_in(request: Request) -> Optional[str]:
    """The customer of the page's session cookie, or `None`."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    try:
        claims = jwt.decode(cookie, settings().secret("bank_session_secret"), algorithms=["HS256"])
    except jwt.PyJWTError:
        return None
    customer_id = str(claims.get("sub"))
    return customer_id if customer_id in CUSTOMERS else None


@blueprint.get("/")
async def public_page(request: Request) -> HTTPResponse:
    """What visitors see; customers who are signed in go to their home page."""
    return response.redirect("/home") if signed_in(request) else page("index")


@blueprint.get("/sign-in")
async def sign_in_page(request: Request) -> HTTPResponse:
    """The list of demonstration customers."""
    return page("sign-in")


@blueprint.post("/sign-in")
async def sign_in(request: Request) -> HTTPResponse:
    """Start a session for the chosen customer."""
    customer_id = (request.form or {}).get("customer")
    if customer_id not in CUSTOMERS:
        return response.redirect("/sign-in")
    claims = {"sub": customer_id, "exp": int(time.time()) + SESSION_SECONDS}
    back = request.cookies.get(LINK_COOKIE)
    answer = response.redirect(f"/link?{urlencode({'return': back})}" if back else "/home", status=303)
    answer.cookies[COOKIE] = jwt.encode(claims, settings().secret("bank_session_secret"), algorithm="HS256")
    answer.cookies[COOKIE]["httponly"] = True
    answer.cookies[COOKIE]["samesite"] = "Lax"
    answer.cookies[COOKIE]["path"] = "/"
    answer.cookies[COOKIE]["max-age"] = SESSION_SECONDS
    return answer


@blueprint.get("/link")
async def link_page(request: Request) -> HTTPResponse:
    """Asks the customer whether a chat may be linked, then sends an identity token to the assistant's `return`.

    The token proves who somebody is, so that it goes to the assistant and to nobody else.
    """
    back = request.args.get("return", "")
    if not back.startswith(f"{settings().public_assistant_url()}/webhooks/"):
        return response.text("return must be an address of the assistant", status=400, headers=_HEADERS)
    customer_id = signed_in(request)
    answer = page("link", posts_to_assistant=True) if customer_id else response.redirect("/sign-in")
    answer.cookies[LINK_COOKIE] = "" if customer_id else back
    answer.cookies[LINK_COOKIE].update({"httponly": True, "samesite": "Lax", "path": "/"})
    answer.cookies[LINK_COOKIE]["max-age"] = 0 if customer_id else LINK_SECONDS
    return answer


@blueprint.post("/sign-out")
async def sign_out(request: Request) -> HTTPResponse:
    """End the session."""
    answer = response.redirect("/", status=303)
    answer.cookies[COOKIE] = ""
    answer.cookies[COOKIE]["path"] = "/"
    answer.cookies[COOKIE]["max-age"] = 0
    return answer


@blueprint.get("/home")
async def home_page(request: Request) -> HTTPResponse:
    """The customer's home with the cards and the chat."""
    return page("home") if signed_in(request) else response.redirect("/sign-in")


@blueprint.get("/sms")
async def sms_page(request: Request) -> HTTPResponse:
    """The customers' phones: the codes that the bank sent."""
    return page("sms")


@blueprint.get("/customers.json")
async def customers(request: Request) -> HTTPResponse:
    """Who can sign in: id and language; the page has the words for their situations."""
    return response.json([{"id": key, "language": language} for key, language in CUSTOMERS.items()])


@blueprint.get("/account.json")
async def account(request: Request) -> HTTPResponse:
    """The signed-in customer's cards and latest transactions; 401 without a session, 503 if the API is down."""
    customer_id = signed_in(request)
    if customer_id is None:
        return response.json({"error": "signed_out"}, status=401)
    try:
        body = await asyncio.to_thread(_account, customer_id)
    except BankError:
        return response.json({"error": "unavailable"}, status=503)
    return response.json(body, headers={"Cache-Control": "no-store"})


@blueprint.get("/identity-token")
async def identity_token(request: Request) -> HTTPResponse:
    """A token for the assistant, for the customer of the session and nobody else; 401 without a session."""
    customer_id = signed_in(request)
    if customer_id is None:
        return response.json({"error": "signed_out"}, status=401)
    token, expires_at = await asyncio.to_thread(issue_token, customer_id)
    return response.json({"token": token, "expires_at": expires_at}, headers={"Cache-Control": "no-store"})


def _account(customer_id: str) -> Dict[str, Any]:
    bank = bank_client()
    customer = bank.customer(customer_id)
    return {
        "id": customer.id,
        "name": customer.name,
        "language": customer.language,
        "cards": [_card(customer_id, card.id, card.dict()) for card in bank.cards(customer_id)],
    }


def _card(customer_id: str, card_id: str, card: Dict[str, Any]) -> Dict[str, Any]:
    bank = bank_client()
    try:
        overdue = bank.overdue(customer_id, card_id)
    except NotFound:  # a card that had no bill yet
        return {"card": _plain(card), "bill": None, "transactions": []}
    bill = overdue.dict(include={"due_date", "grace_ends_on", "state", "days_past_due", "total", "remaining_minimum"})
    transactions = [
        t.dict(include={"posted_on", "description", "amount"}) for t in bank.transactions(customer_id, card_id)
    ]
    return {
        "card": _plain({key: card[key] for key in ("name", "last4", "state", "days_past_due", "amount_due")}),
        "bill": _plain(bill),
        "transactions": [_plain(t) for t in transactions[:_RECENT_TRANSACTIONS]],
    }


def _plain(values: Dict[str, Any]) -> Dict[str, Any]:
    """Money as strings, dates as ISO, enumerations as their value."""
    return {
        key: value if value is None or type(value) in (str, int) else str(getattr(value, "value", value))
        for key, value in values.items()
    }
