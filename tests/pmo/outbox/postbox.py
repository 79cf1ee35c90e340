"""A real mail server on the loopback with faults on demand, and what it took in."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class Postbox:
    """`fault` is one of: none, refuse_later (451), refuse_never (550), drop_before_data, drop_mid_data,
    drop_after_data (taken, but no answer), slow (answers after `delay` seconds)."""

    def __init__(self) -> None:
        self.fault = "none"
        self.delay = 0.0
        self.taken: list[EmailMessage] = []
        self.conversations = 0
        self.port = 0

    @property
    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.taken]


class _Handler:
    def __init__(self, postbox: Postbox) -> None:
        self.postbox = postbox

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.postbox.fault == "refuse_later":
            return "451 try again later"
        if self.postbox.fault == "refuse_never":
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        made: Any = message_from_bytes(bytes(envelope.content or b""), policy=default)
        self.postbox.taken.append(made)
        if self.postbox.fault == "drop_after_data":
            assert server.transport is not None
            server.transport.abort()
        if self.postbox.delay:
            await asyncio.sleep(self.postbox.delay)
        return "250 taken"


class _Server(SMTP):
    """aiosmtpd's own conversation, with the line cut at two more places."""

    def __init__(self, postbox: Postbox, **options: Any) -> None:
        super().__init__(_Handler(postbox), **options)
        self.postbox = postbox

    def connection_made(self, transport: Any) -> None:
        self.postbox.conversations += 1
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:
        if self.postbox.fault == "drop_before_data":
            self.transport.abort()  # type: ignore[union-attr]
            return
        if self.postbox.fault == "drop_mid_data":
            await self.push("354 go ahead")
            await self._reader.readline()
            self.transport.abort()  # type: ignore[union-attr]
            return
        await super().smtp_DATA(arg)


@contextmanager
def open_postbox() -> Iterator[Postbox]:
    """A server in a thread of its own, on a free port of the loopback."""
    postbox, loop, ready = Postbox(), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        server = await loop.create_server(
            lambda: _Server(postbox, hostname="postbox.test", loop=loop, data_size_limit=30 << 20),
            "127.0.0.1",
            0,
        )
        postbox.port = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield postbox
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        with contextlib.suppress(RuntimeError):
            loop.close()
