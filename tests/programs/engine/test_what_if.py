"""What a planner asks before changing a plan, and what the answer says."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from benchmarks.engine import synthetic
from programs.engine import (
    Constraint,
    CycleFound,
    Edits,
    EditsRefused,
    FindingKind,
    Kind,
    LinkKind,
    NewLink,
    Scheduled,
    schedule,
    what_if,
)
from programs.engine.delta import difference
from tests.programs.engine.neutral import read
from tests.programs.engine.planner import Worked, minute, minutes, wall

HOUSE = """
dig     2d
pour    3d  after=dig
walls   5d  after=pour
order   1d
windows 2d  after=walls,order
roof    4d  after=walls
done    0d  after=windows,roof  kind=finish  deadline=01-22
"""


class Asked:
    """A plan from a table, asked by names."""

    def __init__(self, table: str) -> None:
        self.worked = Worked(table)
        self.base = Scheduled.of(self.worked.plan, self.worked.rules)

    def __getitem__(self, name: str) -> int:
        return self.worked[name]

    def names(self, activities: list[int]) -> str:
        """The names of some activities, in the order of the table."""
        return " ".join(self.worked.names[i] for i in activities)


@pytest.fixture
def house() -> Asked:
    return Asked(HOUSE)


def test_a_longer_wall_moves_what_follows_and_misses_the_deadline(house: Asked) -> None:
    told = what_if(house.base, Edits(activities={house["walls"]: {"duration": minutes("7d")}})).difference
    assert house.names(told.moved) == "walls windows roof done"
    assert house.names(told.milestones_moved) == "done"
    assert (wall(told.finish[0]), wall(told.finish[1])) == ("01-21 17:00", "01-25 17:00")
    assert [one.kind for one in told.new_findings] == [FindingKind.DEADLINE_MISSED]
    change = told.change(house["roof"])
    assert change.before is not None and change.after is not None
    assert (wall(change.before.early_start), wall(change.after.early_start)) == ("01-18 08:00", "01-20 08:00")
    assert (change.before.critical, change.after.critical) == (True, True)


def test_a_longer_order_takes_float_and_moves_nothing_else(house: Asked) -> None:
    told = what_if(house.base, Edits(activities={house["order"]: {"duration": minutes("4d")}})).difference
    assert house.names(told.moved) == "order"
    assert house.names(told.floats_changed) == "order"
    assert told.finish[0] == told.finish[1]
    assert not told.became_critical and not told.new_findings


def test_a_late_order_becomes_critical_in_place_of_the_walls(house: Asked) -> None:
    date = minute("01-25")
    edits = Edits(
        activities={house["order"]: {"constraint": Constraint.START_NO_EARLIER_THAN, "constraint_date": date}}
    )
    told = what_if(house.base, edits).difference
    assert house.names(told.became_critical) == "order windows"
    assert house.names(told.no_longer_critical) == "dig pour walls roof"


def test_links_and_activities_come_and_go(house: Asked) -> None:
    paint = len(house.base.plan.duration)
    edits = Edits(
        added=[{"duration": minutes("2d"), "calendar": 0}],
        added_links=[NewLink(house["roof"], paint), NewLink(paint, house["done"])],
        removed=[house["order"]],
    )
    answer = what_if(house.base, edits)
    told = answer.difference
    assert told.added == [paint] and house.names(told.removed) == "order"
    assert house.names(told.moved) == "done"
    assert wall(answer.schedule.finish) == "01-25 17:00"
    assert len(answer.plan().duration) == len(house.base.plan.duration)
    assert answer.schedule == schedule(answer.plan(), house.worked.rules)
    assert told.change(house["order"]).after is None
    assert told.change(paint).before is None


def test_nothing_changed_is_no_difference(house: Asked) -> None:
    told = what_if(house.base, Edits(activities={house["dig"]: {"duration": minutes("2d")}})).difference
    assert not told
    assert list(told.changes()) == []


def test_a_circle_is_refused_with_its_path_and_the_plan_stands(house: Asked) -> None:
    before = schedule(house.base.plan, house.base.rules)
    with pytest.raises(CycleFound) as refused:
        what_if(house.base, Edits(added_links=[NewLink(house["roof"], house["dig"])]))
    assert house.names(refused.value.path) == "roof dig pour walls roof"
    assert house.base.schedule == before
    assert not what_if(house.base, Edits()).difference


def test_a_link_turned_round_is_no_circle(house: Asked) -> None:
    """Taken out and put in the other way in one batch: only what is left counts."""
    edits = Edits(removed_links=[0], added_links=[NewLink(house["pour"], house["dig"])])
    answer = what_if(house.base, edits)
    assert answer.schedule == schedule(answer.plan(), house.worked.rules)
    assert house.names(answer.difference.moved) == "dig pour walls windows roof done"


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        (Edits(activities={99: {"duration": 1}}), "there is no activity 99 to change"),
        (Edits(activities={0: {"duration": -5}}), "activity 0: a duration of -5 minutes is negative"),
        (Edits(activities={0: {"calendar": 77}}), "activity 0: there is no calendar 77"),
        (
            Edits(activities={1: {"constraint": Constraint.MUST_START_ON}}),
            "activity 1: the constraint 'must start on' needs a date",
        ),
        (Edits(activities={1: {"actual_finish": 5}}), "activity 1: has an actual finish but no actual start"),
        (Edits(activities={2: {"duration": 1}}, removed=[2]), "activity 2 is both changed and removed"),
        (Edits(activities={2: {"colour": 1}}), "colour is nothing that an activity has"),
        (Edits(added_links=[NewLink(0, 44)]), "link 7: there is no activity 44"),
        (Edits(added_links=[NewLink(1, 1)]), "link 7: links activity 1 to itself"),
        (Edits(removed_links=[17]), "there is no link 17 to change"),
        (
            Edits(added=[{"duration": 1, "parent": 0}]),
            "activity 7: lies under activity 0, which is not a summary",
        ),
        (Edits(added=[{"duration": 1, "parent": 7}]), "activity 7: there is no activity 7 to lie under"),
    ],
)
def test_edits_that_make_no_sense_are_refused_in_a_sentence(
    house: Asked, edits: Edits, sentence: str
) -> None:
    with pytest.raises(EditsRefused) as refused:
        what_if(house.base, edits)
    assert refused.value.problems == [sentence]


def test_what_lay_under_a_removed_summary_lies_under_the_one_above() -> None:
    asked = Asked(
        """
        all    0d  kind=summary
        build  0d  kind=summary under=all
        dig    2d  under=build
        pour   3d  under=build after=dig
        plan   1d  under=all
        """
    )
    answer = what_if(asked.base, Edits(removed=[asked["build"]]))
    assert list(answer.plan().parent) == [-1, 0, 0, 0]
    assert answer.schedule == schedule(answer.plan())
    assert answer.plan().kind[0] == Kind.SUMMARY


def test_a_status_date_that_moves_on_holds_back_what_has_not_begun(house: Asked) -> None:
    frame = house.base.plan.projects[0]
    moved_on = type(frame)(start=frame.start, status_date=minute("01-06"))
    answer = what_if(house.base, Edits(projects={0: moved_on}))
    assert answer.schedule == schedule(answer.plan())
    assert house.names(answer.difference.moved) == "dig pour walls order windows roof done"


@pytest.mark.parametrize("size", [1000])
@pytest.mark.parametrize("seed", range(4))
def test_batches_on_a_large_program_equal_the_whole(size: int, seed: int) -> None:
    plan = synthetic(size)
    base = Scheduled.of(plan)
    draw = random.Random(seed)
    order = base.passes.layout.order
    some = draw.sample(range(size), 30)
    links = []
    for _ in range(25):
        i, j = sorted(draw.sample(range(size), 2), key=base.schedule.early_start.__getitem__)
        links.append(NewLink(i, j, draw.choice(list(LinkKind)), draw.randrange(-480, 960)))
    edits = Edits(
        activities={i: {"duration": draw.randrange(4800), "calendar": draw.randrange(5)} for i in some[:20]},
        removed=some[20:],
        added_links=[link for link in links if not {link.predecessor, link.successor} & set(some[20:])],
        removed_links=draw.sample(range(len(plan.predecessor)), 10),
    )
    try:
        answer = what_if(base, edits)
    except CycleFound as circle:
        assert circle.path[0] == circle.path[-1]
        return
    whole = schedule(answer.plan())
    assert answer.schedule == whole
    numbers, numbered = answer.edited.numbers()
    told = difference(
        base.schedule, whole, numbers=numbers, links=numbered, kind=(), duration=answer.edited.plan.duration
    )
    assert told == answer.difference
    assert base.passes.layout.order is order


def test_a_real_program_answers_like_the_whole() -> None:
    dump = read("p6_hotel_project.xer")
    base = Scheduled.of(dump.plan, dump.rules)
    draw = random.Random(1)
    for _ in range(3):
        some = draw.sample(range(len(dump.plan.duration)), 50)
        answer = what_if(base, Edits(activities={i: {"duration": draw.randrange(9600)} for i in some}))
        assert answer.schedule == schedule(answer.plan(), dump.rules)


def test_a_moved_finish_of_a_very_large_program_is_swept_and_compared() -> None:
    plan = synthetic(10_000)
    base = Scheduled.of(plan)
    last = base.schedule.early_finish.index(base.schedule.finish)
    answer = what_if(base, Edits(activities={last: {"duration": plan.duration[last] + 480}}))
    assert answer.difference.finish[1] > answer.difference.finish[0]
    assert answer.schedule == schedule(answer.plan(), sweep=False)


def test_fifty_edits_in_ten_thousand_give_the_schedule_of_the_edited_plan() -> None:
    plan = synthetic(10_000)
    base = Scheduled.of(plan)
    draw = random.Random(3)
    loose = [i for i in range(10_000) if base.schedule.total_float[i] > 4800]
    changed = {i: {"duration": plan.duration[i] + 480} for i in draw.sample(loose, 50)}
    answer = what_if(base, Edits(activities=changed))
    longer = [changed[i]["duration"] if i in changed else minutes for i, minutes in enumerate(plan.duration)]
    assert answer.schedule == schedule(replace(plan, duration=longer), sweep=False)
