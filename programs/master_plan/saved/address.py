"""What the address of the plan chooses: filters, order, columns, zoom. Unknown words are left out, never an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from programs.master_plan.filters import SORTS, Filters, PathChoice
from programs.master_plan.float_chains import BY, MOST
from programs.master_plan.folding import ALL, named
from programs.master_plan.grouping import FLAT, GROUPS, NEAR_DAYS

KEPT = (
    "project",
    "critical",
    "near",
    "milestones",
    "slipping",
    "unlinked",
    "ahead",
    "path",
    "depth",
    "sort",
    "group",
    "fold",
    "cols",
    "zoom",
)
"""What a saved view keeps; the clocks (`at`, `known`) are never part of one."""
MOST_FOLDED = 300
"""Letters of the names of folded rows in a saved view."""
AHEAD = (2, 4, 6, 12)
DEPTHS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Choice:
    """One link of a menu of the page."""

    label: str
    href: str
    current: bool


def chosen_filters(address: Mapping[str, str]) -> Filters:
    """The filters that an address names."""
    sort, group = address.get("sort", ""), address.get("group", "")
    return Filters(
        project=address.get("project", "")[:30].replace("\x00", ""),
        critical=address.get("critical") == "1",
        near=address.get("near") == "1",
        milestones=address.get("milestones") == "1",
        slipping=address.get("slipping") == "1",
        unlinked=address.get("unlinked") == "1",
        ahead=_small(address.get("ahead", ""), 104),
        path=_path(address.get("path", "")),
        depth=_small(address.get("depth", ""), 20),
        sort=sort if sort.removeprefix("-") in SORTS else "",
        group=group if group in GROUPS or group == FLAT else "",
        fold=named(address.get("fold", "")),
    )


def _small(text: str, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def _path(text: str) -> PathChoice:
    """`17`, `17.2`, `17.2.free` or `17.0.free.30`: an activity, a path to it, their order, and how many there are."""
    pk, number, by, count, *_ = [*text.split("."), "", "", ""]
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return PathChoice()
    return PathChoice(int(pk), _small(number, MOST), by if by in BY else "spare", _small(count, MOST))


def canonical(address: Mapping[str, str]) -> str:
    """The part of an address that a saved view keeps, always in one order and at most 600 letters long."""
    found = {name: address.get(name, "")[:200].replace("\x00", "") for name in KEPT if name != "fold"}
    folded = ",".join(sorted(named(address.get("fold", ""))))
    # What is too long to be kept loses whole names, never half of one.
    found["fold"] = folded if len(folded) <= MOST_FOLDED else folded[:MOST_FOLDED].rpartition(",")[0]
    return urlencode({name: value for name, value in found.items() if value})[:600]


def choices(filters: Filters, address: QueryDict) -> dict[str, list[Choice]]:
    """The menus of the page (which rows, how deep, in which order), each link with the rest of the address."""

    def link(label: str, name: str, value: str, *, current: bool, off: bool = True) -> Choice:
        kept = address.copy()
        # Another level or another kind of head: what was folded by hand no longer means what it did.
        for gone in (name, "from", "upto", "behind", *(("fold",) if name in ("depth", "group") else ())):
            kept.pop(gone, None)
        if value and not (current and off):
            kept[name] = value
        return Choice(label, f"?{kept.urlencode()}", current)

    rows = [
        link(label, name, "1", current=getattr(filters, name))
        for label, name in (
            ("Critical only", "critical"),
            (f"Near-critical: up to {NEAR_DAYS} days of float", "near"),
            ("Milestones", "milestones"),
            ("Later than the baseline", "slipping"),
            ("Linked to nothing", "unlinked"),
        )
    ]
    if filters.path.activity:
        rows.append(link("Paths to an activity", "path", address.get("path", "")[:40], current=True))
    rows += [link(f"The next {n} weeks", "ahead", str(n), current=filters.ahead == n) for n in AHEAD]
    deep = [link("All", "depth", "", current=not filters.depth)]
    deep += [link(f"Down to level {n}", "depth", str(n), current=filters.depth == n) for n in DEPTHS]
    heads = "Projects only" if not filters.group else "Heads only"
    if filters.group != FLAT:
        deep.append(link(heads, "fold", ALL, current=filters.fold == {ALL}))
    group = [link("Project", "group", "", current=not filters.group)]
    group += [link(one.label, "group", key, current=filters.group == key) for key, one in GROUPS.items()]
    group.append(link("None: one list of all projects", "group", FLAT, current=filters.group == FLAT))
    order = [link("As in the plan", "sort", "", current=not filters.sort)]
    for key, label in (
        ("start", "Start"),
        ("finish", "Finish"),
        ("float", "Float"),
        ("days", "Duration"),
        ("name", "Name"),
    ):
        order.append(link(label, "sort", key, current=filters.sort == key))
        order.append(link(f"{label}, last first", "sort", f"-{key}", current=filters.sort == f"-{key}"))
    return {"rows": rows, "depth": deep, "group": group, "order": order}
