"""One mail, one SMTP conversation, in phases: so that "failed for certain" and "perhaps delivered" are told apart.

Up to the final dot nothing has been delivered, and a failure may be tried again freely. After it, a silence means
that the server may or may not have taken the mail: only its answer would tell, and it is lost.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from typing import NoReturn


class Later(Exception):
    """Not delivered, for certain: try again later."""


class Never(Exception):
    """Not delivered, for certain, and trying again will not help (the server said 5xx, the mail is malformed)."""


class Unclear(Exception):
    """The whole mail was sent and no answer came: it may have been delivered."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where to and as whom; `seconds` bounds each wait for the network."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    seconds: float = 10
    own_name: str = "localhost"


def deliver(
    server: Server, message: EmailMessage, *, sender: str, to: str, before_final_dot: Callable[[], None]
) -> str:
    """Send one mail to one address; returns the server's last answer. Raises Later, Never, Unclear.

    `before_final_dot` is called when all but the dot has been sent: what it raises ends the conversation cleanly.
    """
    try:
        content = message.as_bytes(policy=WIRE)
    except (UnicodeError, ValueError) as error:
        raise Never(f"This mail cannot be written: {error}") from error
    try:
        link = smtplib.SMTP(server.host, server.port, local_hostname=server.own_name, timeout=server.seconds)
    except (OSError, smtplib.SMTPException) as error:
        raise Later(f"The mail server does not answer: {error}") from error
    try:
        _greet(link, server)
        _announce(link, sender, to, content)
        before_final_dot()
        return _last_word(link)
    finally:
        link.close()


def _greet(link: smtplib.SMTP, server: Server) -> None:
    try:
        link.ehlo_or_helo_if_needed()
        if server.tls:
            link.starttls(context=ssl.create_default_context())
            link.ehlo()
        if server.user:
            link.login(server.user, server.password)
    except (OSError, smtplib.SMTPException) as error:  # a wrong password too: an operator can mend it
        raise Later(f"The mail server refused the conversation: {error}") from error


def _announce(link: smtplib.SMTP, sender: str, to: str, content: bytes) -> None:
    """Envelope and content, without the final dot."""
    try:
        _expect(250, *link.mail(sender))
        _expect(250, *link.rcpt(to))
        link.putcmd("data")
        _expect(354, *link.getreply())
        dotted = re.sub(rb"(?m)^\.", b"..", content)
        link.send(dotted if dotted.endswith(b"\r\n") else dotted + b"\r\n")
    except (OSError, smtplib.SMTPException) as error:
        raise Later(f"The conversation broke off before the mail was complete: {error}") from error
    except UnicodeError as error:
        raise Never(f"This address cannot be written: {error}") from error


def _last_word(link: smtplib.SMTP) -> str:
    try:
        link.send(b".\r\n")
        code, answer = link.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise Unclear(f"The mail was sent, but no answer came: {error}") from error
    _expect(250, code, answer)
    with contextlib.suppress(OSError, smtplib.SMTPException):
        link.quit()
    return answer.decode("utf-8", "replace")[:200]


def _expect(wanted: int, code: int, answer: bytes) -> None:
    if code == wanted or (wanted == 250 and code == 251):
        return
    _refused(code, answer.decode("utf-8", "replace")[:200])


def _refused(code: int, answer: str) -> NoReturn:
    sentence = f"The mail server answered {code} {answer}"
    if 500 <= code <= 599:
        raise Never(sentence)
    raise Later(sentence)
