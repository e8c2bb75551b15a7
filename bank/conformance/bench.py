"""The bank under test as checks see it: whom to ask about, what it offers, and calls held against the contract."""

from __future__ import annotations

import re
import shlex
import subprocess
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional, Set, Tuple

import requests

from bank.conformance.caller import TIMEOUT, Caller, Exchange, Query
from bank.conformance.contract import Contract, Operation
from bank.conformance.registry import Failed, NotOffered, Skipped

TOKEN = "BANK_API_TOKEN"
READ_TOKEN = "READ_TOKEN"
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_CODE_PATIENCE = 30  # seconds that a code may take to arrive
_CODE_PAUSE = 1.0  # seconds


class CannotRun(Exception):
    """Nobody answers at the address, or not to this token, or nobody is known to ask about; the text says what."""


@dataclass(frozen=True)
class Account:
    """A customer and one of the cards."""

    customer_id: str
    card_id: str

    def ids(self, **more: str) -> Dict[str, str]:
        """For paths."""
        return {"customer_id": self.customer_id, "card_id": self.card_id, **more}


@dataclass(frozen=True)
class Options:
    """What the person at the keyboard gave."""

    url: str
    token: str
    customers: List[str] = field(default_factory=list)
    card: Optional[str] = None
    read_token: Optional[str] = None
    codes_url: Optional[str] = None
    code_command: Optional[str] = None
    expired_quote: Optional[str] = None
    only: List[str] = field(default_factory=list)  # beginnings of names of checks
    examples: int = 10  # generated requests for each operation, beside those of the contract; 0: none at all


class Bench:
    """One run. Whatever is read stays the same for all checks, so that many checks ask little."""

    def __init__(self, options: Options, contract: Contract) -> None:
        self.options = options
        self.contract = contract
        self.caller = Caller(options.url, contract)
        self.accounts: List[Account] = []
        self.asked: Set[str] = set()  # operations that answered as the contract says, at least once
        self.violations: Dict[str, Failed] = {}  # the first answer of an operation that the contract does not allow
        self.absent: Dict[str, str] = {}  # operations that the bank does not offer, and how that is known
        self.capabilities: Optional[Exchange] = None
        self._read: Dict[Any, Exchange] = {}
        self._lock = threading.Lock()

    # What is offered

    def learn_what_is_offered(self) -> None:
        """Ask the bank. One without `capabilities` is taken to offer everything. Raises `CannotRun`."""
        operation = self.contract.operations["capabilities"]
        self.capabilities = self.caller.call(operation, {}, token=(TOKEN, self.options.token))
        if not self.capabilities.status:
            raise CannotRun(f"At {self.options.url}: {self.capabilities.said()}.")
        if self.capabilities.status in (401, 403):
            raise CannotRun(f"The bank refuses BANK_API_TOKEN: {self.capabilities.said()}.")
        with suppress(Skipped):
            self._hold(operation, self.capabilities)
        document = self.capabilities.document
        offered = document.get("operations") if self.capabilities.good and isinstance(document, dict) else None
        if isinstance(offered, list):
            for name, each in self.contract.operations.items():
                if name not in offered and not each.minimal:
                    self.absent[name] = "not among the operations of /capabilities"

    def offers(self, operation: str) -> bool:
        """Whether the bank, as far as is known, offers the operation."""
        return operation not in self.absent

    def need_offered(self, *operations: str) -> None:
        """Raises Skipped unless all are offered."""
        for name in operations:
            if name in self.absent:
                raise NotOffered(f"the bank does not offer `{name}`: {self.absent[name]}")

    def need(self, *operations: str) -> None:
        """Raises Skipped unless all are offered and have not been found broken."""
        self.need_offered(*operations)
        for name in operations:
            if name in self.violations:
                raise Skipped(f"`{name}` answers what the contract does not allow: see shapes.answers_fit:{name}")

    @property
    def cards(self) -> List[Account]:
        """The known accounts; raises Skipped if there is none."""
        if not self.accounts:
            raise Skipped("no card of a customer is known")
        return self.accounts

    def second(self) -> Tuple[Account, Account]:
        """Two accounts of different customers; raises Skipped if only one customer is known."""
        first = self.cards[0]
        for other in self.accounts:
            if other.customer_id != first.customer_id:
                return first, other
        raise Skipped("needs a second customer: CUSTOMER=first,second")

    # Calls

    def call(
        self,
        name: str,
        ids: Optional[Mapping[str, str]] = None,
        *,
        query: Optional[Query] = None,
        body: Any = None,
        key: Optional[str] = None,
        if_match: Optional[str] = None,
        files: Optional[Mapping[str, Any]] = None,
    ) -> Exchange:
        """Ask; raises Skipped if the bank turns out not to offer it or to answer outside the contract.

        What it answered then is kept, and is a failure of the check `shapes.answers_fit` of that operation.
        """
        self.need(name)
        operation = self.contract.operations[name]
        headers = {**({"Idempotency-Key": key} if key else {}), **({"If-Match": if_match} if if_match else {})}
        wanted = {each: (ids or {})[each] for each in operation.id_names}
        token = (TOKEN, self.options.token)
        exchange = self.caller.call(
            operation, wanted, token=token, query=query, headers=headers, body=body, files=files
        )
        self._hold(operation, exchange)
        return exchange

    def as_token(self, name: str, ids: Mapping[str, str], token: Optional[Tuple[str, str]], **more: Any) -> Exchange:
        """Ask with another token, or none; the answer is not held against the contract."""
        operation = self.contract.operations[name]
        return self.caller.call(operation, {each: ids[each] for each in operation.id_names}, token=token, **more)

    def _hold(self, operation: Operation, exchange: Exchange) -> None:
        name = operation.name
        gone = exchange.problem == "not-offered" or (exchange.problem is None and exchange.status in (404, 405, 501))
        if gone and (not operation.minimal or operation.name == "capabilities"):
            self.absent[name] = f"it answers {exchange.said()}"
            self.need(name)
        if exchange.status == 429:
            raise Skipped(f"`{name}` answers 429 rate-limited: run the kit again later, or raise the limit for tests")
        objection = exchange.said() if not exchange.status else None
        if objection is None and exchange.status >= 500 and exchange.problem:
            objection = f"{exchange.said()} to a request that is right"
        if objection is None:
            objection = self.contract.objection(
                operation, exchange.status, exchange.content_type, exchange.content, exchange.document
            )
        with self._lock:
            if objection is None:
                self.asked.add(name)
            else:
                self.violations.setdefault(name, Failed(exchange, objection))
        if objection is not None:
            self.need(name)

    def read(self, name: str, ids: Optional[Mapping[str, str]] = None, query: Optional[Query] = None) -> Exchange:
        """Ask for something that a run reads once."""
        place = (name, tuple(sorted((ids or {}).items())), tuple(query or ()))
        if place not in self._read:
            self._read[place] = self.call(name, ids, query=query)
        return self._read[place]

    def each(self, name: str, query: Optional[Query] = None) -> Iterator[Tuple[Account, Exchange, Any]]:
        """Every good answer about a known card: the account, the exchange, its document."""
        found = False
        for account in self.cards:
            exchange = self.read(name, account.ids(), query)
            if exchange.good:
                found = True
                yield account, exchange, exchange.document
        if not found:
            raise Skipped(f"`{name}` has a figure for none of the {len(self.cards)} cards that are known")

    def each_item(self, name: str) -> Iterator[Tuple[Account, Exchange, Any]]:
        """Every item of every list about a known card."""
        found = False
        for account, exchange, document in self.each(name):
            for item in document["items"]:
                found = True
                yield account, exchange, item
        if not found:
            raise Skipped(f"`{name}` has an item for none of the {len(self.cards)} cards that are known")

    # One-time codes

    @property
    def learns_codes(self) -> bool:
        """Whether the kit has a way to the customer's phone."""
        return bool(self.options.codes_url or self.options.code_command)

    def need_codes(self) -> None:
        """Raises Skipped without a way to learn codes."""
        if not self.learns_codes:
            raise Skipped("needs one-time codes: give CODES_URL or CODE_COMMAND, see docs/connect-your-bank.md")

    def codes_sent(self, customer_id: str) -> List[str]:
        """The codes that the customer's phone has received, newest first."""
        if self.options.code_command:
            command = [*shlex.split(self.options.code_command), customer_id]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=_CODE_PATIENCE, check=True)
            except (OSError, subprocess.SubprocessError) as error:
                raise Skipped(f"CODE_COMMAND gave no code: {type(error).__name__}") from None
            return _CODE.findall(done.stdout)
        try:
            answer = requests.get(str(self.options.codes_url), timeout=TIMEOUT)
            answer.raise_for_status()
            texts = [str(each["text"]) for each in answer.json() if each["customer_id"] == customer_id]
        except (requests.RequestException, ValueError, TypeError, KeyError) as error:
            raise Skipped(f"CODES_URL gave no list of customer_id and text: {type(error).__name__}") from None
        return [code for text in texts for code in _CODE.findall(text)]

    def challenge(self, customer_id: str, purpose: str, subject: str) -> Exchange:
        """Have a code sent; raises Skipped if the bank will not."""
        asked = self.call("challenge", {"customer_id": customer_id}, body={"purpose": purpose, "subject": subject})
        if not asked.good:
            raise Skipped(f"no code could be had for {purpose}: {asked.said()}")
        return asked

    def code_after(self, customer_id: str, before: List[str]) -> str:
        """The code that has come since `before`; raises Skipped if none comes."""
        deadline = time.monotonic() + _CODE_PATIENCE
        while True:
            now = self.codes_sent(customer_id)
            if len(now) > len(before) or now[:1] != before[:1]:
                return now[0]
            if time.monotonic() > deadline:
                raise Skipped(f"no code came within {_CODE_PATIENCE} seconds")
            time.sleep(_CODE_PAUSE)  # an SMS is under way

    def proof(self, customer_id: str, purpose: str, subject: str) -> str:
        """A proof, as the customer would get one."""
        self.need_codes()
        before = self.codes_sent(customer_id)
        challenge = self.challenge(customer_id, purpose, subject)
        code = self.code_after(customer_id, before)
        ids = {"customer_id": customer_id, "challenge_id": challenge.document["id"]}
        checked = self.call("check_challenge", ids, body={"code": code})
        if not checked.good:
            raise Failed(checked, f"{checked.said()} to the code that was sent", "a proof for the right code")
        return str(checked.document["token"])


def new_key() -> str:
    """An idempotency key."""
    return uuid.uuid4().hex
