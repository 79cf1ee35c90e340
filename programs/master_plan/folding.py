"""Folded rows of the plan: which rows a folded summary hides, and where the links of hidden rows are drawn.

The address names what was clicked (`fold=p3,120`): projects by `p` and id, summaries by id, heads of groups by `g` and
eight letters, `*` for every head. A name turns round what the chosen level says, so that one summary can be opened in a
plan that is shown down to level 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL
from django.http import QueryDict

_NAME = re.compile(r"[0-9]{1,18}|p[0-9]{1,18}|g[0-9a-f]{8}|\*", re.ASCII)
MOST = 200
"""Names that an address may hold; the levels fold more than that at once."""
ALL = "*"

_SHOWN = """
with recursive shown(id, open) as (
  select id, (%s > 0 and level >= %s - 1) = (id = any(%s))
    from programs_activity where program_id = %s and parent_id is null
  union all
  select a.id, (%s > 0 and a.level >= %s - 1) = (a.id = any(%s))
    from programs_activity a join shown s on a.parent_id = s.id where s.open)
select id from shown
"""
_LINKS = """
with recursive under(id, root) as (
  select id, id::text from programs_activity where program_id = %(program)s and id = any(%(summaries)s)
  union all
  select id, 'p' || project_id from programs_activity
   where program_id = %(program)s and project_id = any(%(projects)s)
  union
  select a.id, u.root from programs_activity a join under u on a.parent_id = u.id
   where not a.project_id = any(%(projects)s))
select d.predecessor_id, d.successor_id, d.kind, b.root, a.root
  from programs_dependency d
  left join under b on b.id = d.predecessor_id
  left join under a on a.id = d.successor_id
 where d.program_id = %(program)s and (b.root is not null or a.root is not null) and b.root is distinct from a.root
 order by d.id
"""


def named(text: str) -> frozenset[str]:
    """The names in an address; what is none is left out."""
    return frozenset([one for one in text[:4000].split(",") if _NAME.fullmatch(one)][:MOST])


def summaries(names: Iterable[str]) -> list[int]:
    """The ids of summaries among the names."""
    return sorted(int(one) for one in names if one.isdigit())


def shown_under(program_id: int, names: frozenset[str], depth: int) -> RawSQL:
    """The ids of activities above which no summary is folded, as a subquery; `depth` as in `Filters`."""
    ids = summaries(names)
    return RawSQL(_SHOWN, [depth, depth, ids, program_id, depth, depth, ids])  # noqa: S611 - constants and parameters


@dataclass(frozen=True, slots=True)
class FoldedLink:
    """A link that ends at hidden work: the rows at which it is drawn, and the activities that it is of."""

    source: int | str
    target: int | str
    kind: str
    predecessor: int
    successor: int


def links_of_folded(program_id: int, summaries_shown: list[int], projects: list[int]) -> list[FoldedLink]:
    """Links to and from what these folded rows hide, led to the rows themselves. One query; none for no rows."""
    if not summaries_shown and not projects:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LINKS, {"program": program_id, "summaries": summaries_shown, "projects": projects})
        rows = cursor.fetchall()

    def row(pk: int, root: str | None) -> int | str:
        return pk if root is None else int(root) if root.isdigit() else root

    return [FoldedLink(row(b, b_root), row(a, a_root), kind, b, a) for b, a, kind, b_root, a_root in rows]


class Folding:
    """Addresses that fold and unfold one row, with the rest of the address."""

    def __init__(self, names: frozenset[str], address: QueryDict) -> None:
        self.names = names
        kept = address.copy()
        for gone in ("fold", "from", "upto", "behind"):
            kept.pop(gone, None)
        self._rest = kept.urlencode()

    def href(self, key: str) -> str:
        """The address in which this row is folded if it is open now, and open if it is folded."""
        names = ",".join(sorted(self.names ^ {key}, key=_order))
        return f"?{'&'.join(part for part in (self._rest, f'fold={names}' if names else '') if part)}"


def _order(name: str) -> tuple[int, Any]:
    return (0, int(name)) if name.isdigit() else (1, name)
