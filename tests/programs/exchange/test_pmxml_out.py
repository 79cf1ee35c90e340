"""A plan that leaves as Primavera's P6 XML is the plan that leaves as XER: read again, the two are the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given

from programs.exchange.draft import Draft, from_wall
from programs.exchange.export.pmxml_out import pmxml
from programs.exchange.export.xer_out import xer
from programs.exchange.reading import parse_upload
from tests.programs.wild import wild_office
from tests.shared import shared

from . import xers
from .drafts import drafts
from .test_round_trip import content, exported, of_now, read
from .test_xer_out import agreement, files, some


def said(draft: Draft) -> dict[str, Any]:
    """Content, the activities by their places in their projects."""
    found = content(draft)
    found["activities"].sort(key=lambda one: (one["project"], one["position"]))
    return found


def same_as_xer(draft: Draft) -> Draft:
    """What the P6 XML of this plan reads as, which is what its XER reads as."""
    after = read(pmxml(draft), "plan.xml").draft
    assert after.source == "pmxml"
    assert said(after) == said(read(xer(draft), "plan.xer").draft)
    return after


@pytest.mark.parametrize("name", files(".xer", ".xml"))
def test_every_plan_file_leaves_as_p6_xml_as_it_does_as_xer(name: str) -> None:
    path = shared(name)
    after = same_as_xer(parse_upload(path.read_bytes(), path.name).draft)
    agree, all_of_them = agreement(after)
    assert agree == all_of_them


@some
@given(drafts())
def test_any_plan_leaves_as_p6_xml_as_it_does_as_xer(draft: Draft) -> None:
    assume(any(one.kind != "summary" for one in draft.activities))  # a file without work is refused
    # A working time that ends with a ninth minute cannot be told from one that is a minute longer.
    days = [day for one in draft.calendars for day in (*one.week, *one.exceptions.values())]
    assume(not any(end % 10 == 9 for day in days for _, end in day))
    same_as_xer(draft)


def test_the_file_is_what_p6_writes() -> None:
    draft, _ = xers.read(xers.xer([xers.task(10, "A", 16, 2), xers.task(11, "B", 8)], [xers.link(10, 11)]))
    text = pmxml(draft).decode()
    assert text.startswith(
        '<?xml version="1.0" encoding="UTF-8"?>\n<APIBusinessObjects xmlns="http://xmlns.oracle.com'
    )
    assert "<Finish>11:59:00</Finish>" in text
    assert "<Type>Finish to Start</Type>" in text
    assert "<WBSObjectId></WBSObjectId>" not in text
    activity = text.split("<Activity>")[1].split("</Activity>")[0]
    names = [piece.split(">")[0] for piece in activity.split("<") if piece and not piece.startswith("/")]
    assert names == sorted(names)


def test_groups_keep_their_codes_and_a_group_named_as_its_project_stays_a_group() -> None:
    draft, _ = xers.read(xers.xer([xers.task(10, "A", 16, 2), xers.task(11, "B", 8)]))
    group = next(one for one in draft.activities if one.kind == "summary")
    group.code, group.name = "CABLING", draft.projects[0].name
    for one in draft.activities:
        one.parent = group.code if one.parent else ""
    after = same_as_xer(draft)
    assert [(one.code, one.parent) for one in after.activities] == [
        ("B", ""),
        ("CABLING", ""),
        ("A", "CABLING"),
    ]


def test_names_with_markup_are_only_names() -> None:
    draft, _ = xers.read(xers.xer([xers.task(10, "A")]))
    draft.activities[0].name = "<b>Ärger</b> & 計画 ]]>"
    assert same_as_xer(draft).activities[0].name == draft.activities[0].name


@pytest.mark.django_db
def test_a_plan_that_is_kept_here_leaves_as_p6_xml() -> None:
    office = wild_office(3)
    data = exported(office.program, "pmxml")
    after = read(data, "plan.xml").draft
    assert len([one for one in after.activities if one.kind != "summary"]) >= len(
        [one for one in of_now(office.program).activities if one.kind != "summary"]
    )
    assert from_wall(after.projects[0].start or 0).year > 2000
