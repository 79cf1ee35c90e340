"""The id of the request (or job) being served: in logs, in history, and on the error page."""

import uuid
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    return _request_id.get()


def begin(value: str = "") -> str:
    """Start a request or job; a given id is kept only if it is short and plain."""
    clean = value if value and len(value) <= 64 and value.replace("-", "").isalnum() else uuid.uuid4().hex
    _request_id.set(clean)
    return clean
