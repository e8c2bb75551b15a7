"""A desk with people in it, for tests: accounts, passwords, and browsers that are signed in."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

from sanic import Sanic

from desk.people import Agent, People, passwords
from desk.people.administration import routes as administration
from desk.people.routes import routes
from desk.problems import answer_error
from tests.test_desk.serving import Browser

PASSWORD = "a long enough sentence"
_numbers = itertools.count()


def people_at(url: str) -> People:
    """The people in the database at `url`, the tables made."""
    people = People(url, "a secret of tests", secure=False)
    people.database.prepare()
    return people


def desk_app(people: People, openid: Any = None) -> Sanic:
    """An application with the routes of people."""
    app = Sanic(f"desk-{next(_numbers)}", configure_logging=False)
    app.ctx.people, app.ctx.openid = people, openid
    app.error_handler.add(Exception, answer_error)
    app.blueprint(routes)
    app.blueprint(administration)
    return app


def account(people: People, name: str, role: str = "agent", **more: Any) -> Agent:
    """An account whose password is `PASSWORD`, changed already."""
    with people.database.writing() as connection:
        made = people.accounts.create(connection, name=name, display_name=name.title(), role=role, **more)
        people.accounts.change(
            connection, made.id, password_hash=passwords.hash_of(PASSWORD), must_change_password=False
        )
    found = people.accounts.by_id(made.id)
    assert found is not None
    return found


@dataclass
class Desk:
    """The people and where they are served."""

    people: People
    origin: str

    def browser(self, name: str = "") -> Browser:
        """A new browser; signed in if a name is given."""
        browser = Browser(self.origin)
        if name:
            assert browser.sign_in(name, PASSWORD).status_code == 200
        return browser
