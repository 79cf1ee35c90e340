"""Ballots and approvals that real committees left behind: our count and our routing come to what they came to."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from governance.authority import services as authority
from governance.authority.selectors import route
from governance.bodies import services as bodies
from governance.bodies.models import Body
from governance.decisions.tally import APPROVED, REJECTED, Ballot, count, result
from tests.governance.committee import SINCE, Committee, make_committee
from tests.shared import shared
from tests.world import rolled_back

CHOICES = {1: "approve", -1: "reject", 0: "abstain"}


def ballots_of_nodejs() -> list[dict[str, str]]:
    path = shared("09_governance_records") / "nodejs_votes_tally.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["kind"] == "yes/no"]


def test_the_ballots_of_the_nodejs_committee_are_counted_as_the_committee_counted_them() -> None:
    folder, wanted = shared("09_governance_records") / "nodejs_tsc_votes", ballots_of_nodejs()
    assert len(wanted) >= 7
    for row in wanted:
        votes = json.loads((folder / row["file"]).read_text(encoding="utf-8"))["votes"]
        tally = count(Ballot("member", True, False, CHOICES[vote]) for vote in votes.values())
        found = (tally.seats, tally.approve, tally.reject, tally.abstain, tally.missing)
        assert found == (int(row["voters"]), int(row["yes"]), int(row["no"]), int(row["abstain"]), 0), row[
            "file"
        ]
        passed = APPROVED if int(row["yes"]) > int(row["no"]) else REJECTED
        assert result("simple", tally, len(votes) // 2 + 1) == passed
        said = row["outcome"].strip('"')
        assert (said or "Yes") == ("Yes" if passed == APPROVED else "No"), row["file"]


# The ladder that the data's own README reads off the approvals: each body below this forecast final cost, in AUD.
LADDER = (
    ("PLG", "People Leadership Group", 2_500_000),
    ("SLG", "Senior Leadership Group", 5_000_000),
    ("ELG", "Executive Leadership Group", 8_000_000),
    ("MD", "MD", 40_000_000),
    ("FAC", "Finance, Audit and Compliance", 80_000_000),
    ("BOARD", "MW Board", 150_000_000),
    ("DTF", "DTF", None),
)


@pytest.fixture(scope="module")
def water(django_db_setup: None, django_db_blocker: Any) -> Iterator[Committee]:
    """Seven bodies with their limits, as rules of delegated authority for one kind of subject."""
    with django_db_blocker.unblock(), rolled_back():
        committee = make_committee()
        for code, name, below in LADDER:
            body = committee.does(
                committee.program_manager, bodies.create_body, program=committee.program, code=code, name=name,
                kind=Body.Kind.STEERING, voting_rule=Body.Rule.SIMPLE, quorum_seats=1,
            )  # fmt: skip
            committee.does(
                committee.program_manager, authority.delegate, program=committee.program, code=f"W-{code}",
                subject_kind="change_request", body=body, valid_from=SINCE,
                up_to_minor=None if below is None else below * 100 - 1,
            )  # fmt: skip
        yield committee


def test_all_223_projects_go_to_the_body_that_in_fact_approved_them(water: Committee) -> None:
    folder = shared("14_stage_gates_melbourne_water")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    with (folder / "capital_delivery_projects.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    found: Counter[str] = Counter()
    with water.looking():
        for row in rows:
            cents = round(Decimal(row["FFC"]) * 100)
            rule = route(water.program.pk, "change_request", cents, date(2026, 11, 29))
            assert rule.body.name == row["Approval body"], (row["ID"], row["FFC"])
            found[rule.body.name] += 1
    assert dict(found) == {name: body["n"] for name, body in expected["by_approval_body"].items()}
    assert sum(found.values()) == expected["rows"] == 223


@pytest.mark.parametrize(
    ("minor", "code"),
    [
        (249_999_999, "PLG"),
        (250_000_000, "SLG"),
        (499_999_999, "SLG"),
        (500_000_000, "ELG"),
        (15_000_000_000, "DTF"),
    ],
)
def test_an_amount_exactly_at_the_limit_goes_one_body_up(water: Committee, minor: int, code: str) -> None:
    with water.looking():
        assert route(water.program.pk, "change_request", minor, date(2026, 11, 29)).body.code == code
