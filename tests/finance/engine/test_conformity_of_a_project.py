"""A clause of one project looks at that project's money only, and says whose it is."""

from __future__ import annotations

from datetime import date

from finance.engine.clause_kinds import RANGES, evaluate
from finance.engine.conformity import Accrued, Asked, Basis, Cell, Clause, Kind, Place, Position, State
from tests.finance.engine.test_conformity import facts

CEILING = {"year": 2027, "ceiling_minor": 1000}


def budgeted(project_id: int, code: str, amount: int) -> Cell:
    return Cell(Place(project_id, code, "hardware", "capital"), 2027, amount)


def test_only_the_projects_own_budget_counts_against_its_ceiling_and_it_is_named() -> None:
    known = facts(
        bases=[Basis("in force", [budgeted(7, "DC", 1001), budgeted(8, "ERP", 5000)])],
        project_codes={7: "DC", 8: "ERP"},
    )
    found = evaluate(Clause(1, "B-1", Kind.FISCAL_YEAR_CEILING, CEILING, project_id=7), known)
    assert found.state == State.BREACHED
    assert found.sentence == "DC: 1001 are budgeted in fiscal year 2027, 1 above the ceiling of 1000."
    assert (found.breaches[0].amount, found.breaches[0].place) == (1, Place(7, "DC"))
    assert found.breaches[0].sentence.startswith("DC: ")


def test_a_ceiling_that_is_kept_says_of_which_project() -> None:
    known = facts(
        bases=[Basis("in force", [budgeted(7, "DC", 900), budgeted(8, "ERP", 5000)])], project_codes={7: "DC"}
    )
    found = evaluate(Clause(1, "B-1", Kind.FISCAL_YEAR_CEILING, CEILING, project_id=7), known)
    assert (found.state, found.sentence[:4]) == (State.KEPT, "DC: ")


def test_days_are_counted_from_one() -> None:
    assert RANGES["days"] == (1, 3650) and RANGES["count"] == (1, 20)


def test_what_another_project_asks_for_accrues_or_overspends_is_not_held_against_this_one() -> None:
    ours, theirs = (Place(number, code, "hardware", "capital") for number, code in ((7, "DC"), (8, "ERP")))
    known = facts(
        positions=[Position(ours, 9, 4, 0), Position(theirs, 0, 5, 5)],
        requests=[Asked(3, "CR-003", ours, 10, 10, ["Acme"]), Asked(4, "CR-004", theirs, 9000, 9000)],
        accruals=[Accrued(theirs, 31, [(date(2026, 1, 1), 31)])],
        project_codes={7: "DC", 8: "ERP"},
    )
    for kind, parameters in (
        (Kind.BEYOND_BUDGET, {}),
        (Kind.QUOTES_ABOVE, {"above_minor": 5000, "quotes": 1}),
        (Kind.ACCRUAL_AGEING, {"days": 59}),
    ):
        of_ours, of_theirs = (
            evaluate(Clause(1, "B-1", kind, parameters, project_id=number), known) for number in (7, 8)
        )
        assert (of_ours.breaches, of_theirs.state) == ([], State.BREACHED), kind
