"""E-mail by SMTP. Every attempt of a message has the same Message-ID, by which mailboxes drop a second copy."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Literal, Optional

from bank.models import ContactAddresses
from outreach.senders.base import Doubtful, Outgoing, Refused, Sent, TryLater

_TIMEOUT = 30.0  # seconds, for each command
_PERMANENT = 500  # SMTP answers from here on are final (RFC 5321, 4.2.1)

Security = Literal["none", "starttls", "tls"]


class SmtpSender:
    """One connection for each message: reminders come in trickles, and a kept connection is closed by the server."""

    repeatable = True

    def __init__(
        self,
        host: str,
        port: int,
        *,
        sender: str,
        security: Security = "starttls",
        user: Optional[str] = None,
        password: Optional[str] = None,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._security = security
        self._user = user
        self._password = password

    def address(self, customer_id: str, addresses: ContactAddresses) -> Optional[str]:
        """The customer's mail address."""
        return addresses.email

    def send(self, outgoing: Outgoing) -> Sent:
        """Hand it to the server."""
        message = mail(outgoing, self._sender)
        try:
            with self._connection() as server:
                return self._hand_over(server, message)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise (Refused if code >= _PERMANENT else TryLater)(f"the recipient was refused: {code}") from None
        except smtplib.SMTPResponseException as error:
            final = error.smtp_code >= _PERMANENT and not isinstance(error, smtplib.SMTPAuthenticationError)
            raise (Refused if final else TryLater)(f"the server answered {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError) as error:
            raise TryLater(f"the server does not take it: {type(error).__name__}") from None

    def find(self, message_id: str, address: str, at: datetime) -> Optional[bool]:
        """SMTP has no question for it."""
        return None

    def _hand_over(self, server: smtplib.SMTP, message: EmailMessage) -> Sent:
        server.ehlo_or_helo_if_needed()
        code, answer = server.mail(parseaddr(self._sender)[1])
        if code != 250:
            raise smtplib.SMTPResponseException(code, answer)
        recipient = parseaddr(str(message["To"]))[1]
        code, answer = server.rcpt(recipient)
        if code not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({recipient: (code, answer)})
        try:
            code, answer = server.data(message.as_bytes())
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise Doubtful(f"the server did not say whether it has it: {type(error).__name__}") from None
        if code != 250:
            raise smtplib.SMTPDataError(code, answer)
        return Sent(str(message["Message-ID"]))

    def _connection(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT)
        if self._security == "starttls":
            server.starttls(context=context)
        if self._user and self._password:
            server.login(self._user, self._password)
        return server


def mail(outgoing: Outgoing, sender: str) -> EmailMessage:
    """The message as mail: marked as automatic (RFC 3834), with a way to stop it (RFC 2369)."""
    name, address = parseaddr(sender)
    local, _, domain = address.partition("@")
    message = EmailMessage()
    message["Message-ID"] = f"<{outgoing.id}@{domain}>"
    message["From"] = Address(name, local, domain)
    message["To"] = outgoing.address
    message["Subject"] = outgoing.rendered.subject
    message["Date"] = format_datetime(outgoing.at)
    message["Auto-Submitted"] = "auto-generated"
    message["List-Unsubscribe"] = f"<mailto:{address}?subject=STOP>"
    message.set_content(outgoing.rendered.text, cte="base64")
    return message
