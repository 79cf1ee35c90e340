"""Two hundred texts that somebody hostile would put into a parameter."""

from __future__ import annotations

_SQL = (
    "' OR '1'='1", "1 OR 1=1", "1; DROP TABLE programs_program--", "' UNION SELECT null,null--",
    "1) UNION SELECT usename FROM pg_user--", "'; SELECT pg_sleep(5)--", "1 AND (SELECT 1 FROM pg_sleep(5))",
    "id::text", "$$;select 1;$$", "E'\\047'", "\\'; --", "admin'--", "' || (select version()) || '",
    "1/**/OR/**/1=1", "0x31", "1e308", "-1", "%27", "';set app.programs='{1,2,3}';--", "cast(1 as int)",
    "(select current_setting('app.programs'))", "{1,2,3}", "[1,2]", "1,2", "'::regclass", "current_user",
)  # fmt: skip
_ORM = (
    "__class__", "program__code", "password", "user__password", "-program__members__user__password", "pk__in",
    "id__regex", "?", "-", "--id", "objects", "delete", "save", "_state", "__dict__", "connector=OR", "_connector",
    "_negated", "1 asc, 2 desc", "random()", "id desc nulls last", "(case when 1=1 then id else name end)",
)  # fmt: skip
_NUMBERS = (
    "9" * 19, "9" * 40, "9" * 5000, "-9223372036854775809", "9223372036854775808", "1E9999999", "-1E9999999",
    "1e-9999999", "NaN", "Infinity", "-0", "0.1", "1_000", "١٢٣", "１２", "+1", " 1", "1 ", "0b1", "1e3",
)  # fmt: skip
_DATES = (
    "0000-00-00", "9999-12-31", "0001-01-01", "2026-13-01", "2026-02-30", "2026-01-01T25:00", "99999-01-01",
    "2026-01-01T00:00:00+99:99", "2026-01-01' OR 1=1--", "now", "yesterday", "-infinity", "epoch", "2026-W01-1",
    "2026-01-01T00:00:00Z; select 1", "10000-01-01", "2026-01-01T00:00:00.0000000001Z", "20260101", "１２-01-01",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
)  # fmt: skip
_TEXTS = (
    "\x00", "a\x00b", "\ud7ff", "\ufffe", "\u202e", "\x1b[31m", "\r\nSet-Cookie: a=b", "\n", "\t", "'", '"', "\\", "%",
    "_", "%s", "%(x)s", "{}", "{0.__class__}", "{{7*7}}", "{% debug %}", "${7*7}", "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "../../etc/passwd", "file:///etc/passwd", "a" * 81,
    "a" * 10_000, "İ", "ß", "é" * 80, "𝔘", "true", "false", "null", "None", "undefined", "=1+1", "@SUM(1)", "*", "(",
    "[", "(a+)+$", ".*", "%%%", "\\d", "|| ping", "`id`", "$(id)",
)  # fmt: skip
_BASE = (*_SQL, *_ORM, *_NUMBERS, *_DATES, *_TEXTS)
PAYLOADS: list[str] = [
    *_BASE,
    *(f"open{text[:60]}" for text in _SQL),
    *(f"{text[:60]}--" for text in _ORM + _DATES),
]
PAYLOADS = PAYLOADS[:200] if len(PAYLOADS) >= 200 else PAYLOADS
