"""The pages of money that are measured at a million rows, and how what they cost is told."""

from __future__ import annotations

from typing import Any, Final

PAGES = (
    "spend/",
    "spend/?by=project&then=category",
    "spend/?by=project&then=period",
    "spend/?by=category&then=period",
    "spend/?category=labour&nature=capital",
    "spend/?by=vendor",
    "spend/?by=vendor&then=project",
    "spend/?by=vendor&then=category",
    "spend/?by=category&then=vendor",
    "spend/?by=vendor&then=nature",
    "spend/?by=vendor&then=category&from=2022-02&to=2026-11",
    "spend/?by=vendor&then=category&from=2023-05&to=2025-08",
    "spend/?by=vendor&then=project&nature=capital&from=2022-02&to=2026-11",
    "spend/?by=vendor&then=category&category=travel&from=2024-01&to=2024-06",
    "spend/?by=vendor&then=period",
    "spend/?by=period&then=vendor",
    "spend/?by=vendor&then=period&project=P3",
    "spend/?by=vendor&then=period&category=travel",
    "spend/?by=vendor&then=period&nature=capital",
    "spend/?by=vendor&then=period&category=travel&nature=capital",
    "spend/?by=vendor&then=period&project=P3&nature=capital&from=2023-02",
    "spend/?by=period&then=vendor&project=P3",
    "spend/?by=period&then=vendor&category=travel",
    "spend/?vendor=Vendor%207&by=project&then=category",
    "spend/?at=2024-06-30",
    "spend/?at=2024-06-15",
    "spend/?at=2026-11-20&by=vendor",
    "spend/?at=2024-06-15&by=vendor&then=category",
    "spend/?at=2026-11-20&by=vendor&then=category",
    "spend/?at=2026-11-30&by=vendor&then=category",
    "spend/?at=2026-11-20&by=vendor&then=period",
    "spend/?at=2026-11-20&by=vendor&then=period&project=P3",
    "ledger/entries/?account=spent",
    "ledger/entries/?account=spent&from=2022-01&to=2022-01",
    "ledger/entries/?account=spent&project=P3&from=2024-02&to=2024-02",
    "ledger/entries/?project=P3&category=travel&nature=capital&from=2022-01&to=2022-12",
    "ledger/entries/?from=2022-01&to=2022-06",
    "costs/lines/?vendor=Vendor%207&project=P3",
    "costs/lines/?from=2022-01&to=2022-01&category=travel",
    "costs/lines/?vendor=Vendor%207&from=2022-01&to=2022-12",
    "costs/lines/?project=P3&nature=capital&from=2022-01&to=2022-06",
    "ledger/",
    "ledger/?project=P3&category=travel",
    "ledger/?project=P3&category=travel&from=2022-01&to=2022-06",
)
QUIET: Final = 1.4
"""CPU milliseconds that the fixed page takes with nothing beside it (2 x AMD EPYC)."""
MOST: Final = 40.0
"""CPU milliseconds of ours and PostgreSQL's together that were asked for a page, beside 12 queries."""


def verdicts(measured: list[Any], fixed: Any) -> list[str]:
    """Lines of Markdown: what each page costs as measured and as on a quiet machine, and ok or over of both.

    Ours is the median, PostgreSQL's the mean. Where others are at work each millisecond of CPU does less: what the
    fixed page of the same run takes says how much less.
    """
    less = max(1.0, fixed.median / QUIET)
    lines = [
        f"(the fixed page takes {fixed.median:.1f} ms here, {QUIET} on a quiet machine)",
        "| what | queries besides | ours | PostgreSQL | together | | on a quiet machine | |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: | --- |",
    ]
    kept = 0
    for one in measured:
        both = one.median + one.database
        enough = one.besides <= one.most_queries and one.status == 200
        kept += enough and both / less <= MOST
        words = ["ok" if enough and spent <= MOST else "over" for spent in (both, both / less)]
        lines.append(
            f"| {one.label} | {one.besides} | {one.median:.1f} | {one.database:.1f} | {both:.0f} | {words[0]} "
            f"| {both / less:.0f} | {words[1]} |"
        )
    return [*lines, f"{kept} of {len(measured)} within {MOST:.0f} ms of a quiet machine and 12 queries"]
