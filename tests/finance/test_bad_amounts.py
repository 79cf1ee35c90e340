"""What is no amount, no currency, no place and no day: refused with a sentence of its own, at whichever door it comes in."""

from __future__ import annotations

import re
from html import unescape

import pytest

from finance.imports.models import ActualBatch
from finance.ledger.models import Journal
from tests.finance.office import Office
from tests.finance.test_api import send
from tests.finance.test_late_costs import closed, cost, read, sound
from tests.finance.test_pages import browser, quiet_static

__all__ = ["quiet_static"]
UNCLEAR = "is not an amount"
# What is written -> what a person is told who types it, and what stands beside the row of a file ("" is taken).
AMOUNTS: dict[str, tuple[str, str]] = {
    "1.234,56": ("?", "?"),
    "1,234": ("?", "?"),
    "1 234": ("", ""),
    "(100)": ("?", "?"),
    "-0": ("?", "?"),
    "-5": ("?", ""),
    "NaN": ("?", "?"),
    "1e9": ("?", "?"),
    "9" * 20: ("?", "?"),
    "１２": ("?", "?"),
    "1.005": ("?", "?"),
    "": ("?", "?"),
    "0": ("?", "?"),
    "+1": ("?", "?"),
    "=1+1": ("?", "?"),
    "<b>1</b>": ("?", "?"),
}
LINE = {
    "source_project": "CRM", "source_category": "hardware", "source_nature": "capital", "target_project": "CRM",
    "target_category": "software", "target_nature": "operating", "effective": "2026-11-16", "text": "Why",
}  # fmt: skip


def problems(batch: ActualBatch) -> dict[int, str]:
    return {one["row"]: one["problem"] for one in batch.problems}


def test_x(office: Office) -> None:
    batch = read(office, *(cost(f"R-{n}", "2026-11-16", f'"{text}"') for n, text in enumerate(AMOUNTS)))
    found = problems(batch)
    fiona = browser(office, "fiona")
    for n, text in enumerate(AMOUNTS):
        answer = fiona.post("/p/ATLAS/transfers/", LINE | {"amount": text})
        html = unescape(answer.content.decode())
        said = re.findall(r'class="[^"]*error[^"]*"[^>]*>(.*?)<', html, re.S)
        api = send(fiona, "post", "transfers/", {
            "source": {"project": "CRM", "category": "hardware", "nature": "capital"},
            "target": {"project": "CRM", "category": "software", "nature": "operating"},
            "amount_minor": text, "effective": "2026-11-16", "text": "Why"})
        print(repr(text), "|", found.get(n + 2), "|", answer.status_code, said, "|", api.status_code, api.content[:300])
    closed(office, "2026-10")
    b = read(office, cost("a", "2026-11-16", "1.00", currency="XYZ"), cost("b", "2026-11-16", "1.00", currency="USD"),
        cost("c", "2026-10-16", "1.00"), cost("d", "2026-11-16", "1.00", project="NONE"), cost("e", "16-11-2026", "1.00"),
        cost("f", "2026-11-16", "1.00").replace("services", "sweets"), cost("g", "2026-11-31", "1.00"),
        cost("h", "2026-11-16", "1.00").replace("operating", "both"), cost("", "2026-11-16", "1.00"), cost("b", "2026-11-16", "1.00"), name="b.csv")
    for k, v in problems(b).items(): print(k, v)
    assert 0
