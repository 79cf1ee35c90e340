"""A cache in a table that holds JSON and nothing else.

Django's own database cache unpickles what it finds, so that whoever can write one row runs code in the web process.
Here a row that is no JSON, whoever left it, is simply not there.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import connection

GET = "select value from {table} where cache_key = %s and expires > now()"
SET = """
insert into {table} as kept (cache_key, value, expires) values (%s, %s, %s)
    on conflict (cache_key) do update set value = excluded.value, expires = excluded.expires
"""
ADD = f"{SET} where kept.expires <= now()"
TOUCH = "update {table} set expires = %s where cache_key = %s and expires > now()"
DELETE = "delete from {table} where cache_key = %s"
EXPIRED = "delete from {table} where expires <= now()"
TOO_MANY = """
delete from {table} where cache_key in (select cache_key from {table} order by expires desc offset %s)
"""
TIDY_ONCE_IN = 100
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


class JsonCache(BaseCache):
    """Values are what JSON holds: numbers, texts, lists, dictionaries (tuples come back as lists).

    `LOCATION` names the table (`cache_key`, `value`, `expires`). About every hundredth write removes what has expired,
    and of the rest, beyond `MAX_ENTRIES`, what expires first.
    """

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._table = table

    def _run(self, sql: str, *values: Any) -> tuple[int, Any]:
        """Rows touched, and the first row found."""
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=connection.ops.quote_name(self._table)), values)
            return cursor.rowcount, cursor.fetchone() if cursor.description else None

    def _until(self, timeout: Any) -> datetime:
        stamp = self.get_backend_timeout(timeout)
        return NEVER if stamp is None else datetime.fromtimestamp(stamp, UTC)

    def _key(self, key: str, version: int | None) -> str:
        made = self.make_and_validate_key(key, version=version)
        return str(made)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        _, row = self._run(GET, self._key(key, version))
        try:
            return default if row is None else json.loads(row[0])
        except ValueError:  # left by an earlier version, or by somebody who meant harm
            return default

    def set(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Raises TypeError for a value that JSON does not hold."""
        self._run(SET, self._key(key, version), json.dumps(value), self._until(timeout))
        self._tidy_sometimes()

    def add(self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Set it unless it is there; whether it was set. One statement: of two at once one wins."""
        rows, _ = self._run(ADD, self._key(key, version), json.dumps(value), self._until(timeout))
        self._tidy_sometimes()
        return bool(rows)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._run(TOUCH, self._until(timeout), self._key(key, version))[0])

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._run(DELETE, self._key(key, version))[0])

    def clear(self) -> None:
        self._run("delete from {table}")

    def _tidy_sometimes(self) -> None:
        if not secrets.randbelow(TIDY_ONCE_IN):
            self.tidy()

    def tidy(self) -> None:
        """Remove what has expired, and what is beyond `MAX_ENTRIES`."""
        self._run(EXPIRED)
        self._run(TOO_MANY, self._max_entries)
