"""Which chains of work come next after the longest path, and what lies close beside it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from programs.engine import Constraint, Plan, Scheduled, schedule
from programs.engine.float_paths import FloatKind, float_paths, near_critical, slack_of, spare_before
from programs.engine.groups import with_group_links
from tests.programs.engine.neutral import read
from tests.programs.engine.planner import Worked, minute
from tests.shared import shared

BRANCHES = """
A      5d
B      5d  after=A
C     20d  after=B
D      5d  after=C
A1     2d  after=A
B1     3d  after=B
C1     2d  after=A1,B1
C2     2d  after=C1
E      1d  after=D,C2
spare  4d  after=B:FS+1e,A1
"""


def paths(table: str, target: str, count: int = 10, by: FloatKind = FloatKind.FREE_FLOAT) -> list[str]:
    """Each path as its names and its distance in days."""
    worked = Worked(table)
    found = float_paths(Scheduled.of(worked.plan, worked.rules), worked[target], count, by)
    return [f"{' '.join(worked.names[i] for i in path.activities)} {path.distance / 480:g}" for path in found]


def test_the_first_path_drives_the_rest_come_in_order_of_what_separates_them() -> None:
    assert paths(BRANCHES, "E") == ["A B C D E 0", "B1 C1 C2 18", "A1 6"]
    assert paths(BRANCHES, "E", 2) == ["A B C D E 0", "B1 C1 C2 18"]


def test_beside_the_critical_path_driving_work_is_found_by_free_float_only() -> None:
    assert paths(BRANCHES, "C2")[0] == "A B B1 C1 C2 0"
    assert paths(BRANCHES, "C2", 1, FloatKind.TOTAL_FLOAT) == ["A B B1 C1 C2 0"]
    late = BRANCHES.replace("A1     2d  after=A", "A1     2d  after=A deadline=01-13")
    assert paths(late, "C2", 1) == ["A B B1 C1 C2 0"]
    assert paths(late, "C2", 1, FloatKind.TOTAL_FLOAT) == ["A A1 C1 C2 0"]


def test_by_what_may_slip_each_path_says_how_far_it_is_from_moving_the_target() -> None:
    assert paths(BRANCHES, "E", by=FloatKind.SPARE) == ["A B C D E 0", "B1 C1 C2 18", "A1 24"]


@pytest.mark.parametrize("seed", range(12))
def test_what_may_slip_moves_the_target_with_the_next_minute(seed: int) -> None:
    """Every activity before the target, made longer by what it has to spare and by one minute more."""
    dice = random.Random(seed)
    kinds = ("", ":SS", ":FF", ":SS+1d", ":FS+2d")
    lines = []
    for n in range(12):
        before = sorted(dice.sample(range(n), min(n, dice.choice((1, 2, 3)))))
        after = ",".join(f"T{one}{dice.choice(kinds)}" for one in before)
        lines.append(f"T{n}  {dice.randint(1, 9)}d" + (f"  after={after}" if after else ""))
    worked = Worked("\n".join(lines))
    base = Scheduled.of(worked.plan, worked.rules)
    target = worked["T11"]
    start = base.schedule.early_start[target]
    spare = spare_before(base, target)
    assert spare[target] == 0 and len(spare) > 1
    for one, minutes in spare.items():
        if one == target:
            continue

        def begins(delay: int, one: int = one) -> int:
            """When the target begins once this one may only begin so many working minutes later."""
            calendar = worked.plan.calendars[0]
            at = calendar.start_time(calendar.work_at(base.schedule.early_start[one]) + delay)
            held: list[int] = [*(worked.plan.constraint or [0] * 12)]
            when: list[int | None] = [*(worked.plan.constraint_date or [None] * 12)]
            held[one], when[one] = Constraint.START_NO_EARLIER_THAN, at
            return schedule(
                replace(worked.plan, constraint=held, constraint_date=when), worked.rules
            ).early_start[target]

        assert begins(minutes) == start
        assert begins(minutes + 1) > start


def grouped(seed: int) -> tuple[Worked, Plan]:
    """Work on three calendars, some of it in groups that wait for others and are waited for; T11 comes last."""
    dice = random.Random(seed)
    kinds = ("", "", ":SS", ":FF", ":SS+1d", ":FS+1e", ":FS-1d")
    calendars = ("", "", "  cal=six", "  cal=always")
    lines = ["G0  0d  kind=summary", f"G1  0d  kind=summary  after=G0{dice.choice(('', ':FS+1e', ':SS+2d'))}"]
    for n in range(12):
        before = [f"T{one}" for one in dice.sample(range(n), min(n, dice.choice((1, 1, 2))))]
        inside = n in range(4) or n in range(5, 8)
        before = [one for one in before if not inside or n < 4 or int(one[1:]) > 4]
        if not inside and n > 8:
            before.append(dice.choice(("G0", "G1")))
        if n == 11:
            before += ["G0", "G1", "T8"]
        line = f"T{n}  {dice.randint(1, 9)}d{dice.choice(calendars)}"
        line += f"  under=G{int(n > 4)}" if inside else ""
        names = sorted(set(before))
        lines.append(
            line + (f"  after={','.join(one + dice.choice(kinds) for one in names)}" if names else "")
        )
    worked = Worked("\n".join(lines))
    return worked, with_group_links(worked.plan)


@pytest.mark.parametrize("seed", range(24))
def test_what_may_slip_is_counted_in_the_hours_of_who_slips(seed: int) -> None:
    """Through links of groups and across calendars: so many minutes of its own move nothing, one more does."""
    worked, plan = grouped(seed)
    base = Scheduled.of(plan, worked.rules)
    own, target = len(worked.plan.duration), worked["T11"]
    start = base.schedule.early_start[target]
    spare = {i: minutes for i, minutes in spare_before(base, target).items() if i < own and i != target}
    assert len(plan.duration) > own and len(spare) > 3

    def begins(one: int, delay: int) -> int:
        """When the target begins once this one may only begin so many of its working minutes later."""
        calendar = plan.calendars[plan.calendar[one]]
        at = calendar.start_time(calendar.work_at(base.schedule.early_start[one]) + delay)
        count = len(plan.duration)
        held: list[int] = [*(plan.constraint or [0] * count)]
        when: list[int | None] = [*(plan.constraint_date or [None] * count)]
        held[one], when[one] = Constraint.START_NO_EARLIER_THAN, at
        return schedule(replace(plan, constraint=held, constraint_date=when), worked.rules).early_start[
            target
        ]

    for one, minutes in spare.items():
        assert begins(one, minutes) == start, worked.names[one]
        assert begins(one, minutes + 1) > start, worked.names[one]
    for by in FloatKind:
        found = float_paths(base, target, 30, by, own)
        assert {i for path in found for i in path.activities if i < own} == {*spare, target}


def test_a_groups_link_has_no_spare_nights() -> None:
    """M is done on Thursday and G, of five days, on Friday: M may slip one working day of eight hours, not of 24."""
    worked = Worked(
        """
        G    0d  kind=summary
        one  3d  under=G
        two  5d  under=G
        M    4d
        N    2d  after=G,M
        """
    )
    base = Scheduled.of(with_group_links(worked.plan), worked.rules)
    spare = spare_before(base, worked["N"])
    assert [spare[worked[name]] for name in ("one", "two", "M")] == [960, 0, 480]
    for by in FloatKind:
        found = float_paths(base, worked["N"], 10, by, len(worked.names))
        own = [[worked.names[i] for i in path.activities if i < len(worked.names)] for path in found]
        assert own == [["two", "N"], ["M"], ["one"]], by
        assert [path.distance for path in found] == [0, 480, 960]


def test_paths_in_the_order_of_what_may_slip_never_come_closer() -> None:
    worked = Worked(BRANCHES)
    base = Scheduled.of(worked.plan, worked.rules)
    spare = spare_before(base, worked["E"])
    found = float_paths(base, worked["E"], 10, FloatKind.SPARE)
    assert [path.distance for path in found] == sorted(path.distance for path in found)
    for path in found[1:]:
        assert path.distance == spare[path.activities[-1]]
    for path in found:
        ends = [(worked.plan.predecessor[k], worked.plan.successor[k]) for k in path.links]
        assert ends == list(zip(path.activities, path.activities[1:], strict=False))


def test_what_is_done_is_on_no_path() -> None:
    table = """
    A  2d  began=01-04 ended=01-05
    B  2d  after=A
    C  1d  after=B
    """
    worked = Worked(table, status_date=minute("01-05", "17:00"))
    base = Scheduled.of(worked.plan, worked.rules)
    assert [worked.names[i] for i in float_paths(base, worked["C"])[0].activities] == ["B", "C"]
    assert float_paths(base, worked["A"]) == []
    assert slack_of(base, 1) == 0


def test_no_paths_and_supporting_work_give_nothing() -> None:
    worked = Worked("A 2d\nwatch 0d kind=effort after=A:SS")
    base = Scheduled.of(worked.plan, worked.rules)
    assert float_paths(base, worked["A"], 0) == []
    assert float_paths(base, worked["watch"]) == []
    assert slack_of(base, 0) is None


def test_near_critical_is_what_a_few_days_make_critical() -> None:
    worked = Worked(
        """
        long   10d
        near    8d
        far     2d
        end     0d  kind=finish after=long,near,far
        """
    )

    def within(days: int) -> list[str]:
        return [worked.names[i] for i in near_critical(worked.plan, worked.result, days * 480)]

    assert within(1) == []
    assert within(2) == ["near"]
    assert within(8) == ["near", "far"]


def test_near_critical_is_measured_from_the_paths_own_float() -> None:
    worked = Worked("long 10d deadline=01-08\nnear 8d deadline=01-08\nfar 1d")
    assert worked.floats("long").split()[0] == "-5d"
    assert [worked.names[i] for i in near_critical(worked.plan, worked.result, 2 * 480)] == ["near"]


def stored(name: str) -> tuple[int, dict[int, list[int]]]:
    """The target and per path the activities, in order, as Primavera stored them."""
    columns: list[str] = []
    table, target = "", 0
    paths: dict[int, list[tuple[int, int]]] = {}
    for line in shared(f"plans/{name}").read_text(encoding="cp1252", errors="replace").splitlines():
        tag, *fields = line.split("\t")
        if tag == "%T":
            table = fields[0]
        elif tag == "%F":
            columns = fields
        elif tag == "%R" and table in ("TASK", "SCHEDOPTIONS"):
            row = dict(zip(columns, fields, strict=False))
            target = int(row.get("key_activity_for_multiple_longest_paths") or target)
            if row.get("float_path"):
                place = (int(row["float_path_order"]), int(row["task_id"]))
                paths.setdefault(int(row["float_path"]), []).append(place)
    return target, {number: [i for _, i in sorted(places)] for number, places in paths.items()}


@pytest.mark.proof
def test_primaveras_stored_float_paths_are_found_again() -> None:
    """Thirty paths; where several predecessors are equally close, Primavera's choice among them is not known."""
    name = "p6_progress_override_test.xer"
    target, theirs = stored(name)
    dump = read(name)
    base = Scheduled.of(dump.plan, dump.rules)
    found = float_paths(base, dump.ids.index(target), len(theirs))
    ours = [[dump.ids[i] for i in path.activities] for path in found]
    assert len(theirs) == 30
    assert ours[:2] == [theirs[1], theirs[2]]
    assert sum(path in theirs.values() for path in ours) >= 23
    members = {i for path in ours for i in path} & {i for path in theirs.values() for i in path}
    assert len(members) >= 0.94 * sum(map(len, theirs.values()))
