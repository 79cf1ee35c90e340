"""Two plans side by side, as a planner would list what changed between them."""

from __future__ import annotations

from programs.engine.compare import Comparison, Item, Side, compare
from tests.programs.engine.planner import CALENDARS, Worked, minute, minutes

OFFICE = CALENDARS["office"]


def side(worked: Worked, **cost: int) -> Side:
    """A scheduled plan as one side, matched by name."""
    plan, result = worked.plan, worked.result
    return Side(
        {
            name: Item(
                result.early_start[i],
                result.early_finish[i],
                plan.duration[i],
                cost.get(name),
                plan.project[i],
                (plan.constraint[i], plan.constraint_date[i]),
                result.critical[i],
                plan.duration[i] == 0,
            )
            for i, name in enumerate(worked.names)
        },
        {
            (worked.names[i], worked.names[j], kind): (lag, unit)
            for i, j, kind, lag, unit in zip(
                plan.predecessor, plan.successor, plan.link_kind, plan.lag, plan.lag_unit, strict=True
            )
        },
    )


def between(before: str, after: str) -> Comparison:
    return compare(side(Worked(before)), side(Worked(after)), lambda _: OFFICE, OFFICE)


def test_a_plan_is_the_same_as_itself() -> None:
    plan = "A 5d\nB 3d after=A\nM 0d after=B kind=finish"
    found = between(plan, plan)
    assert found.differences == ()
    assert found.same == 3
    assert not any(found.counts.values())
    assert [(one.minutes, one.days) for one in found.finishes] == [(0, 0), (0, 0)]


def test_what_became_longer_moves_what_follows_in_working_and_in_calendar_days() -> None:
    found = between("A 4d\nB 1d after=A", "A 5d\nB 1d after=A")
    a, b = found.differences
    assert (a.id, a.longer, a.start_minutes, a.finish_minutes, a.finish_days) == ("A", 480, 0, 480, 1)
    # From Friday to Monday: one working day, three calendar days.
    assert (b.id, b.longer, b.start_minutes, b.start_days, b.finish_days) == ("B", 0, 480, 3, 3)
    assert found.counts["longer"] == 1
    assert found.counts["moved"] == found.counts["later"] == 2
    assert found.finishes[0].minutes == minutes("1d")
    assert found.finishes[0].days == 3


def test_added_and_deleted_activities_are_named_with_what_they_did_to_the_path() -> None:
    found = between("A 5d\nX 9d", "A 5d\nN 7d after=A")
    by_id = {one.id: one for one in found.differences}
    assert by_id["N"].added
    assert by_id["N"].joined_path
    assert by_id["X"].deleted
    assert by_id["X"].left_path
    assert by_id["A"].joined_path
    assert not by_id["A"].moved
    assert (found.counts["added"], found.counts["deleted"], found.counts["moved"]) == (1, 1, 0)


def test_links_are_added_removed_and_changed_by_ends_and_type() -> None:
    found = between("A 1d\nB 1d after=A\nC 1d after=A:SS+1d", "A 1d\nB 1d after=A:FF\nC 1d after=A:SS+2d")
    assert found.links_added == (("A", "B", 2),)
    assert found.links_removed == (("A", "B", 0),)
    assert found.links_changed == (("A", "C", 1),)


def test_a_baseline_knows_no_links_and_no_constraints_and_nothing_is_invented() -> None:
    now = side(Worked("A 5d snet=01-05\nB 1d after=A"))
    kept = Side({id_: Item(one.start, one.finish, one.duration) for id_, one in now.items.items()})
    found = compare(kept, now, lambda _: OFFICE, OFFICE)
    assert found.differences == ()
    assert found.links_added == ()


def test_a_constraint_that_changes_is_told_even_where_nothing_moves() -> None:
    found = between("A 5d", "A 5d snet=01-04")
    assert [(one.id, one.constrained, one.moved) for one in found.differences] == [("A", True, False)]


def test_costs_are_compared_where_both_plans_know_them() -> None:
    plan = Worked("A 5d\nB 1d\nC 1d")
    found = compare(side(plan, A=1000, B=500, C=7), side(plan, A=1250, B=400), lambda _: OFFICE, OFFICE)
    assert {one.id: one.dearer for one in found.differences} == {"A": 250, "B": -100}
    assert (found.counts["dearer"], found.counts["cheaper"]) == (1, 1)


def test_a_night_between_two_dates_is_no_move() -> None:
    evening, morning = minute("01-08T17:00"), minute("01-11T08:00")
    found = compare(
        Side({1: Item(evening, morning)}), Side({1: Item(morning, morning)}), lambda _: OFFICE, OFFICE
    )
    assert found.differences == ()


def test_a_finish_at_midnight_is_on_the_day_before() -> None:
    always = CALENDARS["always"]
    found = compare(
        Side({1: Item(0, minute("01-05T00:00"))}),
        Side({1: Item(0, minute("01-05T12:00"))}),
        lambda _: always,
        always,
    )
    assert found.differences[0].finish_days == 1


def test_the_finish_of_each_project_is_compared_and_one_that_is_new_has_no_before() -> None:
    then = Side({1: Item(minute("01-04"), minute("01-08T17:00"), project="ERP")})
    now = Side(
        {
            1: Item(minute("01-04"), minute("01-12T17:00"), project="ERP"),
            2: Item(minute("01-04"), minute("01-20T17:00"), project="IAM"),
        }
    )
    found = compare(then, now, lambda _: OFFICE, OFFICE)
    assert [(one.id, one.days) for one in found.finishes] == [(None, 12), ("ERP", 4), ("IAM", None)]


def test_removing_what_was_added_is_the_comparison_the_other_way_round() -> None:
    before, after = "A 5d\nB 3d after=A\nC 2d after=B", "A 6d\nC 2d after=A\nD 1d after=C"
    there, back = between(before, after), between(after, before)
    for one, other in (("added", "deleted"), ("longer", "shorter"), ("later", "earlier"), ("joined", "left")):
        assert there.counts[one] == back.counts[other], one
    assert set(there.links_added) == set(back.links_removed)
    assert there.finishes[0].minutes == -(back.finishes[0].minutes or 0)
