"""The structure of governance as a drawing with its table: who sits where and who answers after whom."""

from __future__ import annotations

from django.test import Client
from django.utils.html import escape

from governance.escalations import services as escalations
from governance.structure.chart import Box, structure
from tests.fresh import sign_in
from tests.governance.committee import Committee


def test_every_body_and_every_seat_is_there_and_the_ladder_leads_up(committee: Committee) -> None:
    committee.does(
        committee.program_manager, escalations.set_ladder, program=committee.program,
        steps=[(committee.sponsoring, 5), (committee.steering, 14)],
    )  # fmt: skip
    reader = sign_in(Client(), committee.auditor)
    page = reader.get(f"/p/{committee.program.code}/bodies/structure/").content.decode()
    assert page.index("Steering committee</text>") < page.index(
        "Executive sponsor</text>"
    )  # who answers last, on top
    assert "answers within 14" in page and "goes up without an answer" in page
    for who in (committee.chair, committee.member, committee.member2, committee.sponsor, committee.staff):
        assert escape(who.name) in page
    file = reader.get(f"/p/{committee.program.code}/bodies/structure/?format=csv").content.decode()
    row = next(line for line in file.splitlines() if committee.sponsor.name in line)
    assert "Steering committee" in row and "capital request" in row
    assert len(file.splitlines()) == 6


def test_a_name_is_text_in_the_drawing_and_a_long_one_is_cut() -> None:
    many = tuple(f"Person <{n}>" for n in range(30))
    drawn = structure([Box("<script>" * 9, "quorum", many, "javascript:alert(1)")], [], description="x")
    assert "<script>" not in drawn and "javascript" not in drawn
    assert "and 22 more" in drawn and "…" in drawn


def test_no_body_and_no_seat_is_a_drawing_all_the_same() -> None:
    assert "nobody sits here yet" in structure([], [Box("Board", "quorum 1", (), "/x")], description="x")
