"""Notes of activities and groups as Primavera's notebook: one entry each, of one topic, in HTML."""

from __future__ import annotations

from html import escape

from ..draft import SUMMARY, Draft, note
from ..p6_values import OWN_NOTEBOOK
from .xer_work import Record, Work

_TOPIC: Record = {
    "memo_type_id": 1,
    "seq_num": 1,
    "eps_flag": "N",
    "proj_flag": "N",
    "wbs_flag": "Y",
    "task_flag": "Y",
    "memo_type": OWN_NOTEBOOK,
}


def notebook(draft: Draft, work: Work) -> dict[str, list[Record]]:
    """The topic, the entries of groups and those of activities; empty tables where nothing is noted."""
    tasks: list[Record] = []
    groups: list[Record] = []
    for at, one in enumerate(draft.activities):
        text = note(one.notes)
        if not text:
            continue
        project = work.project_id[one.project]
        if one.kind == SUMMARY:
            groups.append(
                {
                    "wbs_memo_id": len(groups) + 1,
                    "proj_id": project,
                    "wbs_id": work.wbs_id[one.project, one.code],
                    "memo_type_id": 1,
                    "wbs_memo": _html(text),
                }
            )
        else:
            tasks.append(
                {
                    "memo_id": len(tasks) + 1,
                    "task_id": at + 1,
                    "memo_type_id": 1,
                    "proj_id": project,
                    "task_memo": _html(text),
                }
            )
    return {"MEMOTYPE": [_TOPIC] if tasks or groups else [], "WBSMEMO": groups, "TASKMEMO": tasks}


def _html(text: str) -> str:
    """The lines of a note with breaks between them, all on one line; quotes as entities, which need no doubling."""
    return f"<HTML><BODY><P>{'<BR>'.join(escape(text).split(chr(10)))}</P></BODY></HTML>"
