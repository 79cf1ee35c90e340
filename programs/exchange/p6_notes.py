"""Primavera's notebook as the plain notes of activities and groups: entries by topic, written in HTML.

The topics of one activity are joined in Primavera's order, each under its name. The topic that our own files write
has no name above it and comes first. What does not fit is counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .draft import NOTES_LENGTH, ActivityDraft, Draft, note
from .html_text import text_of
from .p6_file import P6File
from .p6_met import Work
from .p6_values import LONGEST_ENTRY, OWN_NOTEBOOK, Row

_MOST_TAGS = 500_000
"""Of a whole file, lines counted like tags: they take the time, a picture of many characters does not."""
_LINE_BREAK = re.compile("\x7f\x7f?")


@dataclass(slots=True)
class _Notebook:
    """The entries of each activity as topic's place, topic, text; and what was met that is left out."""

    topics: dict[str, tuple[int, str]]
    entries: dict[tuple[str, str], list[tuple[int, str, str]]] = field(default_factory=dict)
    left: int = _MOST_TAGS
    too_long: int = 0
    pictures: int = 0
    cut: int = 0
    cut_of: int = 0

    def take(self, one: ActivityDraft, row: Row, source: str) -> None:
        """One entry of an activity or a group."""
        self.left -= source.count("<") + source.count("\n") + source.count("\x7f\x7f")
        if len(source) > LONGEST_ENTRY or self.left < 0:
            self.too_long += 1
            return
        text, pictures = text_of(_LINE_BREAK.sub("\n", source))
        self.pictures += pictures
        if text := note(text, None):
            place, name = self.topics.get(row.get("memo_type_id", ""), (0, ""))
            name = name or _one_line(row.get("memo_type", ""))
            place = -1 if name == OWN_NOTEBOOK else place
            self.entries.setdefault((one.project, one.code), []).append((place, name, text))

    def text(self, one: ActivityDraft) -> str:
        """The notes of an activity; what is too long is counted and cut."""
        parts, above = [one.notes] if one.notes else [], OWN_NOTEBOOK
        for _, name, text in sorted(
            self.entries.get((one.project, one.code), ()), key=lambda entry: entry[0]
        ):
            parts.append(f"{name}\n{text}" if name not in ("", above) else text)
            above = name or above
        whole = note("\n\n".join(parts), None)
        kept = note(whole)
        self.cut += len(whole) - len(kept)
        self.cut_of += kept != whole
        return kept


def read_notes(draft: Draft, found: P6File, work: Work) -> None:
    """Fill the notes of activities and groups, and tell what of the notebook was left out."""
    book = _Notebook({row.get("memo_type_id", ""): _topic(row) for row in found.rows("MEMOTYPE")})
    for table, owner, column, owners, whose in (
        ("TASKMEMO", "task_id", "task_memo", work.activities, "of activities that were not read"),
        ("WBSMEMO", "wbs_id", "wbs_memo", work.groups, "of projects"),
    ):
        without = 0
        for row in found.rows(table):
            one = owners.get(row.get(owner, ""))
            if one is None:
                without += 1
            else:
                book.take(one, row, row.get(column, ""))
        if without:
            draft.dropped.append(f"{_entries(without)} {whose}")
    for one in draft.activities:
        if (one.project, one.code) in book.entries:
            one.notes = book.text(one)
    if book.too_long:
        limit = f"an entry of more than {LONGEST_ENTRY:,} characters, or all after {_MOST_TAGS:,} tags"
        draft.dropped.append(f"{_entries(book.too_long)} too long to read ({limit})")
    if book.cut:
        activities = "1 activity" if book.cut_of == 1 else f"{book.cut_of:,} activities"
        draft.dropped.append(
            f"the last {book.cut:,} characters of the notebooks of {activities}: notes hold {NOTES_LENGTH:,}"
        )
    if book.pictures:
        draft.dropped.append(
            f"{book.pictures:,} {'picture' if book.pictures == 1 else 'pictures'} in the notebook"
        )


def _entries(count: int) -> str:
    return "1 notebook entry" if count == 1 else f"{count:,} notebook entries"


def _topic(row: Row) -> tuple[int, str]:
    order = row.get("seq_num", "")
    place = int(order) if order.isascii() and order.isdigit() and len(order) < 12 else 0
    return place, _one_line(row.get("memo_type", ""))


def _one_line(name: str) -> str:
    return " ".join(name.split())[:80]
