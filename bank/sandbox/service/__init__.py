"""Every operation of the contract, without HTTP: one module for each topic. It may run on any thread."""

from bank.sandbox.service.accounts import Accounts
from bank.sandbox.service.applications import Applications
from bank.sandbox.service.auto_debit import AutoDebits
from bank.sandbox.service.codes import OneTimeCodes
from bank.sandbox.service.contact import ContactLog, HandOvers
from bank.sandbox.service.disputes import Disputes
from bank.sandbox.service.identities import Identities
from bank.sandbox.service.operations import Operations
from bank.sandbox.service.outreach import Outreach
from bank.sandbox.service.papers import Papers
from bank.sandbox.service.promises import Promises
from bank.sandbox.service.relief import Relief


class Bank(
    Accounts,
    Relief,
    OneTimeCodes,
    Applications,
    Papers,
    Promises,
    Disputes,
    AutoDebits,
    ContactLog,
    HandOvers,
    Identities,
    Outreach,
    Operations,
):
    """The demonstration bank."""


__all__ = ["Bank"]
