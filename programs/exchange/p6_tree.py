"""The WBS elements of a Primavera plan, each behind the one it lies in, with the codes that files of ours give them."""

from __future__ import annotations

from dataclasses import dataclass

from .draft import ProjectDraft
from .p6_file import P6File
from .p6_values import OWN_FIELD, Fields, Row

WBS = 120


@dataclass(slots=True)
class Element:
    """A WBS element, the one it lies in, the short names from the top, and the code it got here."""

    row: Row
    above: Element | None = None
    path: str = ""
    code: str = ""


def own_codes(found: P6File) -> dict[str, str]:
    """The codes that groups had here, where the file is one of ours."""
    types = {
        row.get("udf_type_id", "")
        for row in found.rows("UDFTYPE")
        if row.get("table_name") == "PROJWBS" and row.get("udf_type_label") == OWN_FIELD
    }
    return {
        row.get("fk_id", ""): row.get("udf_text", "")
        for row in found.rows("UDFVALUE")
        if row.get("udf_type_id") in types and row.get("udf_text")
    }


def tree_of(elements: list[Row], projects: dict[str, ProjectDraft], fields: Fields) -> list[Element]:
    """WBS elements from the top, each behind the one it lies in. The project's own element has no path."""
    below: dict[str, list[Element]] = {}
    elements_by_id: dict[str, Row] = {}
    for row in elements:
        key = row.get("wbs_id", "")
        if row.get("proj_id") not in projects:
            continue
        if not key.isascii() or not key.isdigit() or key in elements_by_id:
            fields.error(row, "wbs_id", key, "A WBS element needs a number of its own.")
            continue
        elements_by_id[key] = row
    tops: dict[str, list[Element]] = {number: [] for number in projects}
    for row in elements_by_id.values():
        above = row.get("parent_wbs_id", "")
        inside = above in elements_by_id and elements_by_id[above]["proj_id"] == row["proj_id"]
        if row.get("proj_node_flag") == "Y" or not inside:
            tops[row["proj_id"]].append(Element(row))
        else:
            below.setdefault(above, []).append(Element(row))
    waiting = []
    for several in tops.values():
        for element in _in_order(several):
            flag = element.row.get("proj_node_flag", "")
            if flag == "N" or (flag != "Y" and len(several) > 1):
                element.path = _short(
                    element, fields
                )  # not the project itself, only the top of what was exported
            waiting.append(element)
    waiting.reverse()
    order: list[Element] = []
    while waiting:
        element = waiting.pop()
        order.append(element)
        inner = below.pop(element.row["wbs_id"], [])
        for one in reversed(_in_order(inner)):
            one.above = element
            one.path = f"{element.path}.{_short(one, fields)}" if element.path else _short(one, fields)
            waiting.append(one)
    for left in below.values():
        for element in left:
            row = element.row
            fields.error(row, "parent_wbs_id", row.get("parent_wbs_id"), "This WBS element is inside itself.")
    return order


def _short(element: Element, fields: Fields) -> str:
    return fields.text(element.row, "wbs_short_name", WBS) or element.row["wbs_id"]


def _in_order(elements: list[Element]) -> list[Element]:
    def place(element: Element) -> int:
        text = element.row.get("seq_num", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0

    return sorted(elements, key=place)
