"""What `tools/mutate.py` changes, and which tests have to notice: pure modules of money, tested without a database."""

from __future__ import annotations

from typing import NamedTuple


class Tests(NamedTuple):
    """Files of tests. Every mutant meets its module's `own`; the `dear` ones only those that lived through these.

    A test is dear that takes seconds: whole real programs, properties of anything a person could enter.
    """

    own: tuple[str, ...]
    dear: tuple[str, ...] = ()


def _engine(*own: str, dear: tuple[str, ...] = ()) -> Tests:
    """Of tests of the engine of money, by their names without `test_`."""
    own, dear = (tuple(f"tests/finance/engine/test_{name}.py" for name in names) for names in (own, dear))
    return Tests(own, dear)


SUBJECTS = {
    "pmo/amount_faults.py": Tests(("tests/pmo/test_money.py",)),
    "pmo/money.py": Tests(("tests/pmo/test_money.py",)),
    "finance/engine/appraisal.py": _engine("appraisal", dear=("appraisal_properties",)),
    "finance/engine/capitalisation.py": _engine("capitalisation"),
    "finance/engine/clause_kinds.py": _engine("conformity_of_a_project", "conformity"),
    "finance/engine/clause_rules.py": _engine("conformity"),
    "finance/engine/columns.py": _engine("columns"),
    "finance/engine/conformity.py": _engine("conformity"),
    "finance/engine/credibility.py": _engine("credibility"),
    "finance/engine/depreciation.py": _engine("depreciation"),
    "finance/engine/earned_schedule.py": _engine("earned_schedule", dear=("earned_value_proof",)),
    "finance/engine/earned_value.py": _engine("earned_value", dear=("earned_value_proof",)),
    "finance/engine/explained.py": _engine("explained"),
    "finance/engine/forecasting.py": _engine("forecasting"),
    "finance/engine/labour.py": _engine("sensitivity"),
    "finance/engine/measures.py": _engine("measures"),
    "finance/engine/phasing.py": _engine("phasing"),
    "finance/engine/sensitivity.py": _engine("sensitivity"),
    "finance/engine/three_way.py": _engine("three_way"),
    "finance/engine/written_down.py": _engine("written_down"),
    "programs/engine/worktime.py": Tests(
        ("tests/programs/engine/test_worktime_edges.py", "tests/programs/engine/test_worktime.py")
    ),
    "governance/decisions/tally.py": Tests(
        ("tests/governance/test_tally.py",), ("tests/governance/test_tally_settled.py",)
    ),
}
