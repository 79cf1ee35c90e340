"""The P-factor activity by activity: the rows on the page and in the API are those whose sums the index divides."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from finance.earned_value import selectors
from tests.finance.test_control_accounts import browser, committee, computed
from tests.finance.test_procurement_pages import said, send
from tests.governance.committee import Committee

__all__ = ["committee"]  # the fixture


def test_page_file_and_api_hold_the_rows_that_the_index_divides(committee: Committee) -> None:
    computed(committee)
    auditor = browser(committee.auditor)
    base = "/p/ATLAS/earned-value/-/adherence/"
    page = said(auditor.get(f"{base}?project=ERP-FIN"))
    assert "Schedule adherence of ERP-FIN" in page and "Planned by the earned date" in page
    text = auditor.get(f"{base}?project=ERP-FIN&format=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    planned = sum(Decimal(row["Planned by the earned date"]) for row in rows)
    in_order = sum(Decimal(row["In order"]) for row in rows)
    with committee.looking():
        run = selectors.newest_run(committee.program, None)
        assert run is not None
        kept = selectors.history(run, committee.erp, run.computed_at)[-1].value("p_factor")
    assert kept is not None and planned and abs(in_order / planned - Decimal(kept)) < Decimal("0.001")
    seen = send(auditor, "GET", "adherence/?project=ERP-FIN")[1]["results"]
    assert {row["activity"] for row in rows_with_value(rows)} <= {row["activity"] for row in seen}
    assert all(row["pv_then"] is not None for row in seen)
    assert auditor.get(f"{base}?project=NOBODY").status_code == 404


def rows_with_value(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of the file by the names of the API."""
    return [{"activity": row["Activity"]} for row in rows]
