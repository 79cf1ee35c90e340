"""Primavera's notebook: in from XER and P6 XML as plain notes, out as one topic, and the same when read again."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.exchange.draft import Draft, note
from programs.exchange.export.pmxml_out import pmxml
from programs.exchange.export.xer_out import xer
from programs.exchange.html_text import text_of
from programs.exchange.p6_values import LONGEST_ENTRY
from programs.exchange.reading import parse_upload
from tests.cast import Office, make_office
from tests.shared import shared

from . import xers
from .drafts import drafts
from .test_notes import brought_in, notes
from .test_pmxml import activity, document
from .test_pmxml_out import same_as_xer
from .test_round_trip import dry_run, exported, read
from .test_undo import undone
from .test_xer_out import some

WRITERS: dict[str, Callable[[Draft], bytes]] = {"xer": xer, "xml": pmxml}
PAGE = (
    '<HTML><HEAD><META content=""text/html; charset=unicode""></HEAD>\x7f\x7f'
    "<BODY><P>Ask &amp; wait</P>\x7f\x7f<P>Twice</P></BODY></HTML>"
)
TOPICS = [
    {"memo_type_id": "1", "seq_num": "9", "memo_type": "Comments"},
    {"memo_type_id": "2", "seq_num": "3", "memo_type": "Resolution"},
    {"memo_type_id": "3", "seq_num": "12", "memo_type": "Notes"},
]


def memo(task: int, topic: int, text: str) -> dict[str, str]:
    return {
        "memo_id": f"{task}{topic}",
        "task_id": str(task),
        "memo_type_id": str(topic),
        "proj_id": "7",
        "task_memo": text,
    }


def plan(*entries: dict[str, str], groups: list[dict[str, str]] | None = None) -> bytes:
    return xers.xer(
        [xers.task(10, "A"), xers.task(11, "B", wbs=2)],
        MEMOTYPE=TOPICS, TASKMEMO=list(entries), WBSMEMO=groups or [],
    )  # fmt: skip


def of(draft: Draft) -> dict[str, str]:
    return {one.code: one.notes for one in draft.activities if one.notes}


def test_topics_are_joined_in_their_order_under_their_names_and_ours_has_none() -> None:
    draft, problems = xers.read(
        plan(memo(10, 1, PAGE), memo(10, 3, "Ours"), memo(10, 2, "<b>Done</b> on Monday"), memo(11, 3, PAGE))
    )
    assert problems == []
    assert of(draft) == {
        "A": "Ours\n\nResolution\nDone on Monday\n\nComments\nAsk & wait\nTwice",
        "B": "Ask & wait\nTwice",
    }
    assert draft.dropped == []


def test_groups_have_their_notes_and_what_has_no_place_is_counted() -> None:
    row = {"memo_type_id": "3", "proj_id": "7", "wbs_memo": "Of a group"}
    draft, _ = xers.read(
        plan(
            memo(10, 3, "x" * 4_100), memo(11, 1, "<p>See <img src=''a.png''></p>"), memo(99, 1, "nobody's"),
            groups=[row | {"wbs_id": "2"}, row | {"wbs_id": "1"}],
        )
    )  # fmt: skip
    found = of(draft)
    assert (found["W2"], len(found["A"]), found["B"]) == ("Of a group", 4_000, "Comments\nSee")
    assert draft.dropped == [
        "1 notebook entry of activities that were not read",
        "1 notebook entry of projects",
        "the last 100 characters of the notebooks of 1 activity: notes hold 4,000",
        "1 picture in the notebook",
    ]


def test_an_entry_of_plain_text_keeps_its_lines_and_quotes_are_single() -> None:
    named = plan().replace(b"Work A", b'Agreement (""IA"")')
    assert xers.read(named)[0].activities[0].name == 'Agreement ("IA")'
    draft, _ = xers.read(plan(memo(10, 3, 'Say ""go""\x7f\x7f\x7f\x7fto <jo@example.org>, if a < b')))
    assert of(draft) == {"A": 'Say "go"\n\nto <jo@example.org>, if a < b'}


def entry(number: int, text: str, **more: str) -> str:
    inside = "".join(f"<{tag}>{value}</{tag}>" for tag, value in more.items())
    inside = f"<ActivityObjectId>{number}</ActivityObjectId><Note>{escape(text)}</Note>{inside}"
    return f"<ActivityNote>{inside}</ActivityNote>"


def test_p6_xml_has_its_topics_by_name_or_number_and_a_long_entry_refuses_no_file() -> None:
    data = document(
        "", activity(1, 8), activity(2, 8), entry(1, "<p>One</p>", NotebookTopicName="Comments"),
        entry(1, "Two", NotebookTopicObjectId="4"), entry(2, "<p>" + "x" * 30_000),
        "<ProjectNote><WBSObjectId>2</WBSObjectId><Note>Of the group</Note></ProjectNote>",
    ).replace(
        b"<Project>",
        b"<NotebookTopic><ObjectId>4</ObjectId><Name>Risks</Name><SequenceNumber>3</SequenceNumber></NotebookTopic>"
        b"<Project>",
    )  # fmt: skip
    draft = parse_upload(data, "plan.xml").draft
    assert of(draft) == {"W2": "Of the group", "A1": "Comments\nOne\n\nRisks\nTwo", "A2": "x" * 4_000}
    huge = document(
        "", activity(1, 8), activity(2, 8), entry(1, "x" * (LONGEST_ENTRY + 1)), entry(2, "short")
    )
    draft = parse_upload(huge, "plan.xml").draft
    assert of(draft) == {"A2": "short"}
    assert any(said.startswith("1 notebook entry too long to read") for said in draft.dropped)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<ul><li><p>one</p><li>two</ul>three", "- one\n- two\nthree"),
        ("<div>1</div><br><div>2</div>", "1\n\n2"),
        ("<p>a</p><p>&nbsp;</p><p>b", "a\n\nb"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>", "a b\nc"),
        ("<style>p{}</style>t<script>x('</b>')</script>u<title>q", "tu"),
        ('<p title="a > b">q</p><!-- <b> --><?xml x?><o:p></o:p>', "q"),
        ("<p>&lt;b&gt; &#65;&#x42; &euro;&bogus; AT&T", "<b> AB €&bogus; AT&T"),
        ("a <b c", "a <b c"),
        ("<p>&#" + "9" * 6_000 + ";&#xD800;&#0;&#8;.", "\ufffd\ufffd\ufffd."),
    ],
)
def test_html_becomes_text(source: str, text: str) -> None:
    assert note(text_of(source)[0]) == text


@pytest.mark.parametrize(
    "piece",
    ["<", "<a", "<a ", '<a "', '<a ="', "<a ='\"", '<a ="> "', "<!--", "<!-- -->", "<?", "</", "<a>", "<p>", "<li>",
     "<style>", "<style></title>", "&", "&#", "<jo@>", "a\n", "<a =\t", "\"<a ='>"],
)  # fmt: skip
@pytest.mark.parametrize("tail", ["", ">"])
def test_no_text_takes_longer_than_its_length(piece: str, tail: str) -> None:
    source = piece * (300_000 // len(piece)) + tail
    began = time.process_time()
    text, _ = text_of(source)
    assert time.process_time() - began < 3  # seconds; a tenth of it on a quiet machine
    assert len(text) <= len(source) + 1


@given(st.text(st.sampled_from("<>&\"'=/!-# abpli;\n\x7f\x00é"), max_size=60))
def test_any_text_is_read_and_any_note_comes_back(text: str) -> None:
    read_as, _ = text_of(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f]", read_as)
    draft, _ = xers.read(xers.xer([xers.task(10, "A")]))
    draft.activities[0].notes = kept = note(text.replace("\x7f", ""))
    assert [
        read(write(draft), f"plan.{kind}").draft.activities[0].notes for kind, write in WRITERS.items()
    ] == [kept] * 2


@some
@given(drafts(), st.lists(st.text(max_size=50), min_size=20, max_size=20))
def test_notes_of_any_plan_leave_for_primavera_and_come_back(draft: Draft, texts: list[str]) -> None:
    if all(one.kind == "summary" for one in draft.activities):
        return
    for one, text in zip(draft.activities, texts, strict=False):
        one.notes = note(re.sub("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "", text))
    with_notes = {one.code + one.project: one.notes for one in draft.activities}
    for kind, write in WRITERS.items():
        after = read(write(draft), f"plan.{kind}").draft
        found = {
            one.code + one.project: one.notes
            for one in after.activities
            if one.code + one.project in with_notes
        }
        assert {key: text for key, text in found.items() if text} == {
            key: text for key, text in with_notes.items() if text and key in found
        }


def test_the_notebook_of_a_real_plan_comes_in_and_leaves_with_p6_xml_as_with_xer() -> None:
    path = shared("plans/p6_progress_override_test.xer")
    draft = parse_upload(path.read_bytes(), path.name).draft
    found = of(draft)
    assert len(found) == 6
    assert sum(text.startswith("Schedule Comments\n") for text in found.values()) == 3
    assert not any("<" in text or '""' in text for text in found.values())
    assert any(
        "This is a qill message. Lets see if it works Ang this is in bold\n\n2024-10-04" in text
        for text in found.values()
    )
    assert not any("notebook" in said for said in draft.dropped)
    after = same_as_xer(draft)
    assert sorted(of(after).values()) == sorted(found.values())


def test_steps_stay_behind_and_the_reason_is_said() -> None:
    draft, _ = xers.read(xers.xer([xers.task(10, "A")], TASKPROC=[{"proc_id": "1", "task_id": "10"}] * 2))
    [said] = draft.dropped
    assert said.startswith("2 steps of activities: Primavera keeps no day on which a step is due")


@pytest.fixture
def office() -> Office:
    return make_office()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["xer", "pmxml"])
def test_notes_that_are_kept_here_leave_and_come_in_again_the_same(office: Office, kind: str) -> None:
    brought_in(office, read(plan(memo(10, 2, PAGE)), "plan.xer"))
    assert notes(office)["A"] == "Resolution\nAsk & wait\nTwice"
    again = read(exported(office.program, kind), "plan.xer" if kind == "xer" else "plan.xml")
    assert of(again.draft) == {"A": "Resolution\nAsk & wait\nTwice"}


@pytest.mark.django_db
def test_the_dry_run_shows_what_a_notebook_changes_and_its_undo_brings_the_former_notes_back(
    office: Office,
) -> None:
    brought_in(office, read(plan(memo(10, 3, "First"), memo(11, 3, "Stays")), "plan.xer"))
    result = dry_run(office.program, read(plan(memo(10, 3, "Second")), "plan.xer"))
    [activities] = [one for one in result.changes["kinds"] if one["changed"]]
    assert (activities["changed"], "Second" in str(activities)) == (1, True)
    second = brought_in(office, read(plan(memo(10, 3, "Second")), "plan.xer"))
    assert (notes(office)["A"], notes(office)["B"]) == ("Second", "Stays"), (
        "a file without notes takes none away"
    )
    undone(office, second)
    assert notes(office)["A"] == "First"
