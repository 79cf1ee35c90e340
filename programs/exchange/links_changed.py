"""A link whose type was changed in the file is one change of that link, not a second link beside it."""

from __future__ import annotations

from . import rows
from .origin import Origin
from .rows import Key, Present, Row, Tables


def follow_types(tables: Tables, here: Present, origin: Origin) -> None:
    """Give links here the key that the file has for them, where only their type differs. `here` is changed in place.

    Only links that came by an import of this source follow (of a file that was written here: any link). Where two
    activities have several such links, the one with the same lag follows first.
    """
    file, known = tables[rows.DEPENDENCY], here.tables[rows.DEPENDENCY]
    ids, came = here.ids[rows.DEPENDENCY], origin.came[rows.DEPENDENCY]
    new: dict[Key, list[Key]] = {}
    for key in file:
        if key not in known:
            new.setdefault(key[:4], []).append(key)
    if not new:
        return
    old: dict[Key, list[Key]] = {}
    for key in known:
        if key not in file and key[:4] in new and (origin.whole or ids[key] in came):
            old.setdefault(key[:4], []).append(key)
    for ends, candidates in old.items():
        for was, becomes in _pairs(candidates, new[ends], known, file):
            known[becomes] = known.pop(was)
            ids[becomes] = ids.pop(was)


def _pairs(
    old: list[Key], new: list[Key], known: dict[Key, Row], file: dict[Key, Row]
) -> list[tuple[Key, Key]]:
    left, wanted = sorted(old), sorted(new)
    found = []
    for same_lag in (True, False):
        for becomes in list(wanted):
            fits = [was for was in left if not same_lag or _lag(known[was]) == _lag(file[becomes])]
            if fits:
                found.append((fits[0], becomes))
                left.remove(fits[0])
                wanted.remove(becomes)
    return found


def _lag(row: Row) -> tuple[int, str]:
    return row["lag"], row["lag_unit"]
