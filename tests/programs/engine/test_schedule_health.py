"""The 14 points of a schedule's health: planners' tables that keep a threshold exactly, and miss it by one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from programs.engine import Project, WorkCalendar, schedule
from programs.engine.assessment import Check, Facts, Thresholds, Verdict
from programs.engine.schedule_health import Assessment, assess
from tests.programs.engine.planner import CALENDARS, Worked, minute, minutes

PASS, FAIL, NOT_APPLICABLE = Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE


def facts(worked: Worked, baseline: str = "", *, loaded: str = "", promised: str = "") -> Facts:
    """Days of eight hours; `baseline` is `A 5d 01-08` in lines; `loaded` names what has cost or hours."""
    finish: list[int | None] = [None] * len(worked.names)
    long: list[int | None] = [None] * len(worked.names)
    for line in baseline.strip().splitlines():
        name, duration, day = line.split()
        finish[worked[name]], long[worked[name]] = minute(day, "17:00"), minutes(duration)
    return Facts(
        day=[480] * len(worked.names),
        baseline_finish=finish if baseline else (),
        baseline_duration=long if baseline else (),
        loaded=[name in loaded.split() for name in worked.names] if loaded else (),
        promised=minute(promised, "17:00") if promised else None,
    )


def health(plan: str, baseline: str = "", *, project: int | None = None, **about: object) -> Assessment:
    """The assessment of a plan; `status=01-11` sets the status date, other words go to the facts or the project."""
    told = {key: str(about.pop(key)) for key in ("loaded", "promised") if key in about}
    status = about.pop("status", None)
    if status:
        about["status_date"] = minute(str(status), "17:00")
    worked = Worked(plan, **about)  # type: ignore[arg-type]
    return assess(worked.plan, worked.rules, worked.result, facts(worked, baseline, **told), project=project)


def chain(count: int, first: int = 0, words: str = "", duration: str = "1d") -> str:
    """Activities one after the other: T0, T1 ...; `words` for each of them."""
    lines = [f"T{first} {duration} {words}"]
    lines += [f"T{n} {duration} after=T{n - 1} {words}" for n in range(first + 1, first + count)]
    return "\n".join(lines)


def row(found: Assessment, check: Check) -> tuple[int, int, Verdict]:
    one = found[check]
    return one.numerator, one.denominator, one.verdict


def offenders(worked_plan: str, found: Assessment, check: Check) -> str:
    names = [line.split()[0] for line in worked_plan.strip().splitlines()]
    return " ".join(names[one.activity] for one in found[check].offences)


def test_logic_keeps_its_threshold_with_two_open_ends_in_forty_and_not_in_thirty_nine() -> None:
    assert row(health(chain(40)), Check.LOGIC) == (2, 40, PASS)
    found = health(chain(39))
    assert row(found, Check.LOGIC) == (2, 39, FAIL)
    assert offenders(chain(39), found, Check.LOGIC) == "T0 T38"


def test_milestones_summaries_and_level_of_effort_are_no_population_and_effort_is_no_logic() -> None:
    plan = """
        S 0d kind=summary
        M 0d kind=start
        A 5d after=M under=S
        B 5d after=A under=S
        E 0d after=M kind=finish
        L 5d after=A:SS,B:FF kind=effort
        """
    found = health(plan)
    assert found.open == 2
    assert offenders(plan, found, Check.LOGIC) == "B"
    assert row(found, Check.LEADS) == (0, 3, PASS)


def test_an_open_end_says_how_much_float_nothing_bounds() -> None:
    plan = "A 5d\nB 1d after=A\nC 10d after=A\nD 1d after=C"
    found = health(plan)
    assert [(one.activity, one.minutes) for one in found[Check.LOGIC].offences] == [(1, 4800), (0, 0), (3, 0)]


def test_one_lead_fails_and_none_passes() -> None:
    assert row(health("A 5d\nB 5d after=A"), Check.LEADS) == (0, 1, PASS)
    found = health("A 5d\nB 5d after=A:FS-2d")
    assert row(found, Check.LEADS) == (1, 1, FAIL)
    assert found[Check.LEADS].offences[0].minutes == minutes("2d")
    assert row(health("A 5d\nB 5d after=A:FS-20%"), Check.LEADS) == (1, 1, FAIL)


def test_lags_may_be_one_link_in_twenty_and_not_one_in_nineteen() -> None:
    last = "\nZ 1d after=T{}:FS+1d"
    assert row(health(chain(20) + last.format(19)), Check.LAGS) == (1, 20, PASS)
    assert row(health(chain(19) + last.format(18)), Check.LAGS) == (1, 19, FAIL)


def test_nine_links_in_ten_must_run_from_finish_to_start() -> None:
    assert row(health(chain(10) + "\nZ 1d after=T9:SS"), Check.RELATIONSHIP_TYPES) == (9, 10, PASS)
    found = health(chain(9) + "\nZ 1d after=T8:SF")
    assert row(found, Check.RELATIONSHIP_TYPES) == (8, 9, FAIL)
    assert "start to finish" in found[Check.RELATIONSHIP_TYPES].reason


def test_links_into_finished_work_are_not_counted() -> None:
    plan = "A 5d began=01-04 ended=01-08\nB 5d after=A:FS-1d began=01-07 ended=01-12\nC 2d after=B"
    found = health(plan, status="01-13")
    assert row(found, Check.LEADS) == (0, 1, PASS)


@pytest.mark.parametrize("word", ["mso=01-04", "mfo=01-04", "snlt=03-01", "fnlt=03-01", "2:fnlt=03-01"])
def test_each_of_the_four_hard_constraints_counts_first_or_second(word: str) -> None:
    kept, missed = f"H 1d {word}\n" + chain(19), f"H 1d {word}\n" + chain(18)
    assert row(health(kept), Check.HARD_CONSTRAINTS) == (1, 20, PASS)
    assert row(health(missed), Check.HARD_CONSTRAINTS) == (1, 19, FAIL)


@pytest.mark.parametrize("word", ["snet=01-05", "fnet=01-05", "alap", "deadline=01-05"])
def test_soft_constraints_and_deadlines_are_not_hard(word: str) -> None:
    assert row(health(f"A 1d {word}"), Check.HARD_CONSTRAINTS) == (0, 1, PASS)


def test_float_of_forty_four_days_is_not_high_and_a_minute_more_is() -> None:
    assert row(health("A 45d\nB 1d"), Check.HIGH_FLOAT) == (0, 2, PASS)
    found = health("A 21601m\nB 1d")
    assert row(found, Check.HIGH_FLOAT) == (1, 2, FAIL)
    assert [(one.activity, one.minutes) for one in found[Check.HIGH_FLOAT].offences] == [(1, 1)]
    shares = "A 60d\n" + "\n".join(f"B{n} 50d" for n in range(18)) + "\nC 1d"
    assert row(health(shares), Check.HIGH_FLOAT) == (1, 20, PASS)


def test_negative_float_is_never_right() -> None:
    assert row(health("A 5d deadline=01-08"), Check.NEGATIVE_FLOAT) == (0, 1, PASS)
    found = health("A 5d deadline=01-07")
    assert row(found, Check.NEGATIVE_FLOAT) == (1, 1, FAIL)
    assert found[Check.NEGATIVE_FLOAT].offences[0].minutes == minutes("1d")


def test_duration_is_the_baselines_and_without_one_the_planned_which_is_said() -> None:
    assert row(health("A 50d", "A 44d 03-04"), Check.HIGH_DURATION) == (0, 1, PASS)
    assert row(health("A 40d", "A 45d 03-05"), Check.HIGH_DURATION) == (1, 1, FAIL)
    found = health("A 45d\nB 44d")
    assert row(found, Check.HIGH_DURATION) == (1, 2, FAIL)
    assert found[Check.HIGH_DURATION].reason == "2 in no baseline, measured by planned duration."


def test_an_actual_date_after_the_status_date_is_invalid_and_one_on_it_is_not() -> None:
    assert row(health("A 2d began=01-04 ended=01-05", status="01-05"), Check.INVALID_DATES) == (0, 1, PASS)
    found = health("A 2d began=01-04 ended=01-06", status="01-05")
    assert row(found, Check.INVALID_DATES) == (1, 1, FAIL)
    assert found[Check.INVALID_DATES].offences[0].minutes == minutes("1d")


def test_a_forecast_before_the_status_date_is_invalid_which_a_hard_constraint_can_do() -> None:
    assert row(health("A 2d mso=01-06", status="01-05"), Check.INVALID_DATES) == (0, 1, PASS)
    assert row(health("A 2d mso=01-05", status="01-05"), Check.INVALID_DATES) == (1, 1, FAIL)
    assert row(health("A 2d"), Check.INVALID_DATES) == (0, 0, NOT_APPLICABLE)


def test_work_of_a_day_without_cost_or_hours_fails_where_the_plan_is_loaded() -> None:
    plan = "A 1d\nB 1d after=A\nC 4h after=B"
    assert row(health(plan), Check.RESOURCES) == (0, 0, NOT_APPLICABLE)
    assert row(health(plan, loaded="A B"), Check.RESOURCES) == (0, 3, PASS)
    found = health(plan, loaded="A")
    assert row(found, Check.RESOURCES) == (1, 3, FAIL)
    assert offenders(plan, found, Check.RESOURCES) == "B"


def done(count: int, late: int) -> tuple[str, str]:
    """A plan of one-day activities due on the first day, of which some finished a day late; and its baseline."""
    ends = ["01-05" if n < late else "01-04" for n in range(count)]
    plan = "\n".join(f"T{n} 1d began=01-04 ended={end}" for n, end in enumerate(ends))
    return plan, "\n".join(f"T{n} 1d 01-04" for n in range(count))


def test_one_missed_activity_in_twenty_is_within_the_threshold() -> None:
    assert row(health(*done(20, 1), status="01-08"), Check.MISSED_ACTIVITIES) == (1, 20, PASS)
    found = health(*done(19, 1), status="01-08")
    assert row(found, Check.MISSED_ACTIVITIES) == (1, 19, FAIL)
    assert found[Check.MISSED_ACTIVITIES].offences[0].minutes == minutes("1d")


def test_work_that_is_due_and_open_is_missed_and_what_is_due_later_is_not_counted() -> None:
    plan, baseline = "A 5d\nB 5d after=A", "A 5d 01-08\nB 5d 01-15"
    assert row(health(plan, baseline, status="01-08"), Check.MISSED_ACTIVITIES) == (1, 1, FAIL)
    assert row(health(plan, baseline, status="01-07"), Check.MISSED_ACTIVITIES) == (0, 0, NOT_APPLICABLE)
    assert row(health(plan, status="01-08"), Check.MISSED_ACTIVITIES) == (0, 0, NOT_APPLICABLE)


def test_a_delay_of_six_hundred_days_on_the_critical_path_reaches_the_finish_to_the_minute() -> None:
    found = health("A 5d\nB 5d after=A\nC 1d after=A")
    assert row(found, Check.CRITICAL_PATH_TEST) == (288_000, 288_000, PASS)
    assert found[Check.CRITICAL_PATH_TEST].value == 1


def test_a_finish_that_is_nailed_down_breaks_the_path_and_is_named() -> None:
    plan = "A 5d\nB 5d after=A\nC 1d after=B mso=01-18"
    found = health(plan)
    assert row(found, Check.CRITICAL_PATH_TEST) == (0, 288_000, FAIL)
    assert offenders(plan, found, Check.CRITICAL_PATH_TEST) == "A C"
    nailed = "A 1d\nB 1d after=A mso=01-05\nC 700d after=B"
    found = health(nailed)
    assert row(found, Check.CRITICAL_PATH_TEST) == (0, 288_000, FAIL)
    assert offenders(nailed, found, Check.CRITICAL_PATH_TEST).split() == ["A", "B"]
    assert found.repairs[0].check is Check.CRITICAL_PATH_TEST


def test_started_work_is_delayed_in_what_is_left_of_it() -> None:
    found = health("A 5d began=01-04 left=2d\nB 1d after=A", status="01-06")
    assert row(found, Check.CRITICAL_PATH_TEST) == (288_000, 288_000, PASS)


def test_a_weekend_of_another_calendar_does_not_break_the_path() -> None:
    found = health("A 5d cal=six\nB 5d after=A")
    moved, delay, verdict = row(found, Check.CRITICAL_PATH_TEST)
    assert verdict is PASS
    assert abs(moved - delay) < minutes("7d")


def test_the_path_length_index_is_kept_at_ninety_five_hundredths_exactly() -> None:
    # 20 working days from Mon 4 Jan end on Fri 29 Jan; a day less than that leaves a float of -1 d of 20.
    late_by_one = health("A 20d", must_finish_by=minute("01-28", "17:00"))
    assert row(late_by_one, Check.CRITICAL_PATH_LENGTH_INDEX) == (19 * 480, 20 * 480, PASS)
    by_more = health("A 20d", must_finish_by=minute("01-28T16:59"))
    assert by_more[Check.CRITICAL_PATH_LENGTH_INDEX].verdict is FAIL
    assert by_more[Check.CRITICAL_PATH_LENGTH_INDEX].offences[0].minutes == 481
    early = health("A 20d", must_finish_by=minute("02-05", "17:00"))
    assert early[Check.CRITICAL_PATH_LENGTH_INDEX].value == Fraction(25, 20)


def test_without_a_date_in_the_plan_the_promise_counts_then_the_baseline_and_with_neither_nothing() -> None:
    check = Check.CRITICAL_PATH_LENGTH_INDEX
    assert health("A 20d", "A 18d 01-27", promised="01-28")[check].value == Fraction(19, 20)
    found = health("A 20d", "A 18d 01-27")
    assert row(found, check) == (18 * 480, 20 * 480, FAIL)
    assert found[check].reason == "Against the baseline's finish."
    assert health("A 20d")[check].verdict is NOT_APPLICABLE


@pytest.mark.parametrize("how", ["promised", "baseline_finish"])
def test_a_finish_beyond_all_that_a_calendar_says_makes_one_point_not_applicable(how: str) -> None:
    worked, year_2160 = Worked("A 20d"), 100_000_000
    far = {how: year_2160 if how == "promised" else [year_2160]}
    found = assess(worked.plan, worked.rules, worked.result, replace(facts(worked), **far))  # type: ignore[arg-type]
    told = found[Check.CRITICAL_PATH_LENGTH_INDEX]
    assert told.verdict is NOT_APPLICABLE
    assert told.reason.startswith("It cannot be measured: ")


def test_the_path_is_measured_from_the_status_date() -> None:
    found = health("A 20d began=01-04 left=10d", promised="01-29", status="01-15")
    assert row(found, Check.CRITICAL_PATH_LENGTH_INDEX) == (10 * 480, 10 * 480, PASS)


def executed(completed: int, due: int, bare: int = 0) -> Assessment:
    plan = [f"T{n} 1d" + (" began=01-04 ended=01-04" if n < completed else "") for n in range(due)]
    plan += [f"X{n} 1d" for n in range(bare)]
    return health("\n".join(plan), "\n".join(f"T{n} 1d 01-04" for n in range(due)), status="01-08")


def test_nineteen_of_twenty_executed_is_enough_and_eighteen_of_nineteen_is_not() -> None:
    check = Check.BASELINE_EXECUTION_INDEX
    assert row(executed(19, 20), check) == (19, 20, PASS)
    assert row(executed(18, 19), check) == (18, 19, FAIL)
    assert row(executed(20, 20, bare=1), check) == (20, 21, PASS)
    assert row(executed(20, 20, bare=2), check) == (20, 22, FAIL)
    assert [one.activity for one in executed(18, 19)[check].offences] == [18]
    assert health("A 1d", status="01-08")[check].verdict is NOT_APPLICABLE


def test_milestones_count_in_the_execution_index() -> None:
    plan = "A 1d began=01-04 ended=01-04\nM 0d kind=finish after=A began=01-04 ended=01-04"
    found = health(plan, "A 1d 01-04\nM 0d 01-04", status="01-05")
    assert row(found, Check.BASELINE_EXECUTION_INDEX) == (2, 2, PASS)


def test_a_finished_plan_has_nothing_left_to_ask() -> None:
    found = health("A 1d began=01-04 ended=01-04", status="01-05")
    assert [one.verdict for one in found.points if one.verdict is FAIL] == []
    assert found[Check.LOGIC].reason == "No work is left to do."


def test_failed_points_are_repaired_in_the_order_of_what_they_cost() -> None:
    plan = """
        A 10d
        B 10d after=A:FS+20d
        C 10d after=B:FS-2d
        """
    found = health(plan)
    # No lag: 20 days earlier. No lead: two days later. Open ends move nothing.
    assert [(one.check, one.finish) for one in found.repairs] == [
        (Check.LAGS, -minutes("20d")),
        (Check.LEADS, minutes("2d")),
        (Check.LOGIC, None),
    ]


def test_softening_a_hard_constraint_shows_how_late_the_plan_really_is() -> None:
    found = health("A 10d\nB 5d after=A mso=01-06")
    priced = {one.check: one.finish for one in found.repairs}
    assert priced[Check.HARD_CONSTRAINTS] == minutes("5d")


def test_one_project_is_assessed_alone_with_its_own_path() -> None:
    plan = """
        A 5d in=0
        B 50d in=1
        C 5d in=1 after=B
        D 1d in=0 after=A
        """
    frames = [Project(minute("01-04")), Project(minute("01-04"))]
    worked = Worked(plan, projects=frames)
    alone = assess(worked.plan, worked.rules, worked.result, facts(worked), project=0)
    assert alone.open == 2
    assert row(alone, Check.CRITICAL_PATH_TEST) == (288_000, 288_000, PASS)
    assert row(alone, Check.HIGH_DURATION) == (0, 2, PASS)
    assert row(alone, Check.HIGH_FLOAT) == (2, 2, FAIL)


def test_thresholds_can_be_set() -> None:
    worked = Worked("A 25d\nB 25d after=A")
    strict = assess(worked.plan, worked.rules, worked.result, facts(worked), Thresholds(duration_days=20))
    assert row(strict, Check.HIGH_DURATION) == (2, 2, FAIL)


def test_facts_that_do_not_fit_the_plan_are_refused() -> None:
    worked = Worked("A 1d")
    for wrong in (Facts(day=[480, 480]), Facts(day=[0]), Facts(day=[480], loaded=[True, True])):
        with pytest.raises(ValueError, match=r"facts|day|loaded"):
            assess(worked.plan, worked.rules, worked.result, wrong)
    with pytest.raises(ValueError, match="no project 3"):
        assess(worked.plan, worked.rules, worked.result, facts(worked), project=3)


def test_a_path_that_ends_with_its_calendar_is_not_tested_and_says_why() -> None:

    worked = Worked("A 1d")
    short = WorkCalendar.intervals([(minute("01-04"), minute("01-04") + 2000)])
    plan = replace(worked.plan, calendars=[short, *list(CALENDARS.values())[1:]])
    found = assess(plan, worked.rules, schedule(plan), facts(worked))
    assert row(found, Check.CRITICAL_PATH_TEST) == (0, 0, NOT_APPLICABLE)
    assert "working times are given" in found[Check.CRITICAL_PATH_TEST].reason
