"""One access token for all processes, kept in the database that they share and renewed by one of them.

Asking for a token may end an earlier one; so one process asks, and the others wait for what it gets. Should it die
meanwhile, another one takes over when its time is up.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from channels.messaging.platform import Later
from channels.messaging.store import Store
from channels.messaging.tables import access_tokens
from common.database import insert_into

logger = logging.getLogger(__name__)

_EARLY_SECONDS = 240  # WeChat gives out the next token 5 minutes before the end, and takes both meanwhile
_RENEWAL_SECONDS = 25.0  # longer than asking for a token, and for another one, may take
_WAIT_SECONDS = 0.2


@dataclass(frozen=True)
class Granted:
    """A token as the service gave it out."""

    token: str
    seconds: float  # until it ends


#: Asks the service. The flag wants another token even if the present one has not ended.
Ask = Callable[[bool], Awaitable[Granted]]


class AccessTokens:
    """The token of one account of a service. Every method raises `Later` if no token can be had now."""

    def __init__(self, store: Store, platform: str, account: str, ask: Ask) -> None:
        self.platform = platform
        self._store = store
        self._account = account
        self._ask = ask
        self._renewing = asyncio.Lock()
        self._known: Optional[str] = None
        self._known_until = 0.0

    async def current(self) -> str:
        """A token that has not ended."""
        if self._known is not None and time.time() < self._known_until:
            return self._known
        return await self._get(None)

    async def other_than(self, refused: str) -> str:
        """A token in place of one that the service refused: what another process got meanwhile, or a new one."""
        return await self._get(refused)

    async def _get(self, refused: Optional[str]) -> str:
        async with self._renewing:
            for _ in range(int(2 * _RENEWAL_SECONDS / _WAIT_SECONDS)):
                found, is_mine = await self._store.write(_claim, self.platform, self._account, refused)
                if is_mine:
                    return await self._renew(refused)
                if found is not None:
                    self._known, self._known_until = found
                    return self._known
                await asyncio.sleep(_WAIT_SECONDS)  # a database tells nobody that something changed
        raise Later("another process has been asking for an access token for too long")

    async def _renew(self, refused: Optional[str]) -> str:
        try:
            granted = await self._ask(False)
            if granted.token == refused:
                granted = await self._ask(True)
            if granted.token == refused:
                raise Later("the service gives out the access token that it refuses")
        except BaseException:
            await asyncio.shield(self._set(renewed_until=0.0))
            raise
        logger.info("there is a new access token of %s", self.platform)
        until = time.time() + max(granted.seconds - _EARLY_SECONDS, granted.seconds / 2)
        await self._set(token=granted.token, ends_at=until, renewed_until=0.0)
        self._known, self._known_until = granted.token, until
        return granted.token

    async def _set(self, **values: object) -> None:
        await self._store.write(_set, self.platform, self._account, **values)


def _claim(
    connection: Connection, platform: str, account: str, refused: Optional[str]
) -> Tuple[Optional[Tuple[str, float]], bool]:
    """The token that is good and its end, or whether this process has to ask; neither if another one is asking."""
    now = time.time()
    first = insert_into(connection, access_tokens).values(platform=platform, account=account)
    connection.execute(first.on_conflict_do_nothing())
    found = connection.execute(sa.select(access_tokens).where(_row(platform, account)).with_for_update()).one()
    if found.token not in (None, refused) and found.ends_at > now:
        return (found.token, found.ends_at), False
    if found.renewed_until > now:
        return None, False
    _set(connection, platform, account, renewed_until=now + _RENEWAL_SECONDS)
    return None, True


def _set(connection: Connection, platform: str, account: str, **values: object) -> None:
    connection.execute(sa.update(access_tokens).where(_row(platform, account)).values(**values))


def _row(platform: str, account: str) -> Any:
    return sa.and_(access_tokens.c.platform == platform, access_tokens.c.account == account)
