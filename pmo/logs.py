"""Log lines as JSON, with named fields only, so that no secret travels along by accident."""

import json
import logging
import re
from datetime import UTC, datetime

FIELDS = ("request_id", "user_id", "program_id", "task", "outbox_id", "status", "path", "milliseconds")

SECRET_ADDRESS = re.compile(
    r"(?P<before>/calendar/)[^\s/]+(?P<after>\.ics)|(?P<door>/(?:invitation|password/reset/key)/)[^\s/\"\\?]+"
)
"""Addresses that are keys (calendar feeds, invitations, password resets): who reads the log must not have them."""


class JsonLine(logging.Formatter):
    """One JSON object a line: control characters in user text cannot forge a second line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "text": record.getMessage(),
        }
        line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return SECRET_ADDRESS.sub(_masked, json.dumps(line, default=str, ensure_ascii=False))


def _masked(found: re.Match[str]) -> str:
    return f"{found['before'] or found['door']}…{found['after'] or ''}"
