"""GanttProject's files: a plan of our own making in the structure that the tool writes, read, dated and accepted.

The data folder has no .gan file of somebody else's, and no GanttProject was at hand to open one.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from pmo import commands
from programs.exchange import sandbox, services
from programs.exchange.draft import from_wall
from programs.exchange.problems import ImportRefused, Problem
from programs.exchange.reading import Read, parse_upload
from programs.schedule.models import Activity, ComputedDates
from tests.cast import everything, make_office

HOUSE = """<?xml version="1.0" encoding="UTF-8"?>
<project name="House in the hills" company="" webLink="" view-date="2027-01-04" version="3.3.3316" locale="en">
  <description><![CDATA[A house]]></description>
  <view zooming-state="default:2" id="gantt-chart"><field id="tpd3" name="Name" width="200" order="0"/></view>
  <calendars base-id="none">
    <day-types><day-type id="0"/><day-type id="1"/>
      <default-week id="1" name="default" sun="1" mon="0" tue="0" wed="0" thu="0" fri="0" sat="1"/>
      <only-show-weekends value="false"/><overriden-day-types/><days/></day-types>
    <date year="" month="1" date="6" type="HOLIDAY"><![CDATA[Epiphany]]></date>
    <date year="2027" month="1" date="16" type="WORKING_DAY"/>
  </calendars>
  <tasks empty-milestones="true">
    <taskproperties><taskproperty id="tpd0" name="type" type="default" valuetype="icon"/></taskproperties>
    <task id="0" name="Plan" color="#99ccff" meeting="false" start="2027-01-04" duration="7" complete="0" expand="true">
      <task id="1" name="Draw &amp; measure" meeting="false" start="2027-01-04" duration="4" complete="50">
        <notes><![CDATA[By hand]]></notes>
        <depend id="2" type="2" difference="0" hardness="Strong"/>
        <depend id="4" type="1" difference="2" hardness="Strong"/>
        <customproperty taskproperty-id="tpc0" value="x"/>
      </task>
      <task id="2" name="Permit" meeting="true" start="2027-01-11" duration="0" complete="0">
        <depend id="3" type="2" difference="1" hardness="Strong"/>
      </task>
    </task>
    <task id="3" name="Build" meeting="false" start="2027-01-12" duration="5" complete="0" cost-manual-value="1200.50"
      cost-calculated="false"/>
    <task id="4" name="Garden" meeting="false" start="2027-01-07" duration="3" complete="0">
      <depend id="5" type="3" difference="0" hardness="Rubber"/>
    </task>
    <task id="5" name="Fence" meeting="false" start="2027-01-13" duration="2" complete="0"/>
  </tasks>
  <resources>
    <resource id="0" name="Jo" function="Default:1" contacts="jo@office.example" phone="">
      <rate name="standard" value="400"/></resource>
  </resources>
  <allocations>
    <allocation task-id="3" resource-id="0" function="Default:1" responsible="true" load="50.0"/>
    <allocation task-id="99" resource-id="0" function="Default:1" responsible="true" load="50.0"/>
  </allocations>
  <vacations><vacation start="2027-02-01" end="2027-02-02" resourceid="0"/></vacations>
  <previous><previous-tasks name="Spring"><previous-task id="1" start="2027-01-04" duration="3"/></previous-tasks>
  </previous>
  <roles roleset-name="Default"/>
</project>
"""


def read(text: str = HOUSE) -> Read:
    return parse_upload(text.encode(), "house.gan")


def errors(found: Read) -> list[Problem]:
    return [one for one in found.problems if one.severity == "error"]


def test_tasks_links_calendar_people_and_progress_are_read() -> None:
    found = read()
    draft = found.draft
    assert (draft.source, found.errors, draft.projects[0].code) == ("gan", 0, "House-in-the-hills")
    ones = {one.code: one for one in draft.activities}
    assert [one.code for one in draft.activities] == ["0", "1", "2", "3", "4", "5"]
    assert [(one.kind, one.parent) for one in draft.activities[:3]] == [
        ("summary", ""),
        ("task", "0"),
        ("start_milestone", "0"),
    ]
    assert (ones["1"].name, ones["1"].notes, ones["1"].duration) == ("Draw & measure", "By hand", 4 * 480)
    assert (ones["1"].percent_complete, ones["1"].remaining) == (50, None)
    assert ones["3"].fixed_cost == Decimal("1200.50")
    assert [(d.from_activity, d.to_activity, d.type, d.lag) for d in draft.dependencies] == [
        ("1", "2", "FS", 0),
        ("1", "4", "SS", 960),
        ("2", "3", "FS", 480),
        ("4", "5", "FF", 0),
    ]
    days = draft.calendars[0]
    assert {day.isoformat(): bool(shifts) for day, shifts in days.exceptions.items() if day.year == 2027} == {
        "2027-01-06": False,
        "2027-01-16": True,
    }
    assert draft.resources[0].cost_per_hour == 50
    assert [(one.activity, one.units) for one in draft.assignments] == [("3", Decimal("0.5"))]
    assert draft.dropped == [
        "1 value of a user field",
        "1 soft link, read as a hard one",
        "1 baseline",
        "1 time off of a person",
    ]
    assert [one.value for one in found.problems] == ["task 99, resource 0"]


def test_a_task_without_a_hard_link_is_held_where_it_stands_and_dates_are_compared() -> None:
    found = read()
    held = {one.code: one.constraint_date for one in found.draft.activities if one.constraint == "SNET"}
    assert {code: str(from_wall(at or 0)) for code, at in held.items()} == {"5": "2027-01-13 08:00:00"}
    dates = found.totals.dates
    assert dates["activities"] == 5
    assert dates["compared"]["early dates"] == 5
    assert dates["agree"] == 5, dates["listed"]
    moved = read(HOUSE.replace('start="2027-01-12"', 'start="2027-01-20"')).totals.dates
    listed = {(one["activity"], one["value"]): (one["file"], one["ours"]) for one in moved["listed"]}
    assert listed["3", "early start"] == ("2027-01-20T08:00", "2027-01-12T08:00"), (
        "the file's own date is off"
    )


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ('id="5" name="Fence"', 'id="4" name="Fence"', "id"),
        ('id="5" name="Fence"', 'id="x" name="Fence"', "id"),
        ('start="2027-01-13"', 'start="2027-02-30"', "start"),
        ('duration="5"', 'duration="-5"', "duration"),
        ('duration="5"', 'duration="9999999"', "duration"),
        ('type="3" difference', 'type="9" difference', "type"),
        ('difference="2"', 'difference="1e9"', "difference"),
        ('cost-manual-value="1200.50"', 'cost-manual-value="-1"', "cost-manual-value"),
        ('complete="50"', 'complete="150"', "complete"),
        ('<depend id="3" type="2"', '<depend id="1" type="2"', "to_activity"),
        ('<depend id="3" type="2"', '<depend id="77" type="2"', "to_activity"),
    ],
)
def test_what_does_not_fit_is_named_with_its_row(old: str, new: str, column: str) -> None:
    assert old in HOUSE
    found = errors(read(HOUSE.replace(old, new, 1)))
    assert found
    assert found[0].column == column
    assert found[0].row


def test_a_file_cut_off_or_flipped_anywhere_is_refused_or_its_fault_is_listed() -> None:
    data = HOUSE.encode()
    refused = 0
    for at in range(60, len(data), 97):
        flipped = bytearray(data)
        flipped[at] ^= 0x15
        for broken in (data[:at], bytes(flipped)):
            try:
                parse_upload(broken, "house.gan")
            except ImportRefused as refusal:
                refused += 1
                assert refusal.message
    assert refused > 20
    for hostile in (
        HOUSE.replace("<project ", '<!DOCTYPE p [<!ENTITY a "b">]><project ', 1),
        HOUSE.replace("<tasks ", "<tasks>" + "<task id='9'>" * 60 + "<x ", 1),
        HOUSE.replace('name="Fence"', f'name="{"x" * 30_000}"'),
        HOUSE[: HOUSE.index("<tasks")] + "</project>",
    ):
        with pytest.raises(ImportRefused):
            parse_upload(hostile.encode(), "house.gan")


@pytest.mark.django_db
def test_the_house_is_accepted_and_stands_on_the_days_that_the_file_shows() -> None:
    office = make_office()
    found = sandbox.read_upload(HOUSE.encode(), "house.gan")
    staged = commands.run(
        services.stage, actor=office.staff, program=office.program, file_name="house.gan", read=found
    )
    assert staged.plan_import.format == "gan"
    commands.run(services.accept, actor=office.staff, plan_import=staged.plan_import)
    with everything(office.program):
        starts = dict(
            ComputedDates.objects.filter(superseded_by=None).values_list(
                "activity__code", "early_start__date"
            )
        )
        assert {code: str(day) for code, day in starts.items()} == {
            "0": "2027-01-04",
            "1": "2027-01-04",
            "2": "2027-01-11",
            "3": "2027-01-12",
            "4": "2027-01-07",
            "5": "2027-01-13",
        }
        assert Activity.objects.get(code="1").percent_complete == 50
