"""Money cut by project, category, nature, vendor or period, twice at most: one or two statements, whatever its size.

From what is kept with the postings and cost lines, now and at another moment (see `sources`): balances of accounts
where no period is asked about, the sums by period else; by vendor likewise. Amounts are minor
units of the program's currency.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from finance.ledger import sources
from finance.ledger.choice import Choice
from finance.spend import selectors
from finance.spend.asking import Question
from finance.spend.figures import CostParts, Line, forecast_total, total
from finance.structure.models import Category, Nature
from pmo import formats
from pmo.clocks import AsOf
from programs.portfolio.models import Program

NOT_BY_LINE: Final = "\x00"
"""Key of what the ledger holds and no cost line tells the vendor of."""

Places = dict[tuple[str | None, str | None], dict[str, int]]
"""First and second key -> kind of account -> minor units."""


@dataclass(slots=True)
class Cut:
    """The answer: lines (with parts where cut twice), what they add up to, and the same money month by month."""

    question: Question
    lines: list[Line]
    total: Line
    months: list[Line]
    variance: int | None = None
    """Budget less forecast of the projects that have a forecast."""


_COLUMNS = {
    "": "null::text",
    "project": "s.project_id::text",
    "category": "s.category::text",
    "nature": "s.nature::text",
    "vendor": "s.vendor::text",
    "period": "s.period::text",
}


def read(program: Program, when: AsOf | None, question: Question, names: dict[int, str]) -> Cut:
    """The sums as of a moment (None: now). `names` are the codes of the program's projects by id, in their order."""
    values = _values(program, when, question)
    now = when is None or when.is_now
    by, then = question.by, question.then
    if question.costs_only:
        places, months = _costs(question, now, values)
    else:
        source = _source(question, now)
        places, months = _sums(source, by, then, question.choice, values, months=source != sources.ACCOUNTS)
        if source == sources.ACCOUNTS:
            _, months = _sums(_by_month(question), "", "", question.choice, values, months=True, cut=False)
    order = {str(pk): place for place, pk in enumerate(names)}
    labels = {str(pk): code for pk, code in names.items()}
    lines = (_cost_lines if question.costs_only else _lines)(places, question, labels, order)
    answer = Cut(question, lines, total(lines), _months(months))
    if question.whole_projects and when is not None:
        _forecast(program, when, answer)
    return answer


def amounts(program: Program, when: AsOf | None, choice: Choice) -> dict[str, int]:
    """What stands in each kind of account at the chosen places and periods, minor units. One statement."""
    question = Question("project", "", choice)
    source = _source(question, when is None or when.is_now)
    places, _ = _sums(source, "", "", choice, _values(program, when, question), months=False)
    return places.get((None, None), {})


def _values(program: Program, when: AsOf | None, question: Question) -> dict[str, Any]:
    return sources.values(program.pk, when, question.choice, question.vendor)


def _source(question: Question, now: bool) -> str:
    if not now:
        return sources.THEN
    if "period" in (question.by, question.then) or question.choice.first or question.choice.last:
        fine = {"category", "nature"} & {question.by, question.then}
        return sources.CELLS if fine else _by_month(question)
    return sources.ACCOUNTS


def _by_month(question: Question) -> str:
    return sources.CELLS if question.choice.category or question.choice.nature else sources.TOTALS


def _sums(
    source: str,
    by: str,
    then: str,
    choice: Choice,
    values: dict[str, Any],
    *,
    months: bool,
    cut: bool = True,
    vendor: bool = False,
) -> tuple[Places, dict[str, dict[str, int]]]:
    """Sums of a source by two keys and by month; one statement, its texts all from this file."""
    where = sources.narrowed(choice, vendor=vendor)
    sets = [*(["(x, y, kind)"] if cut else []), *(["(m, kind)"] if months else [])]
    shown = ("x, y" if cut else "null, null") + (", m, grouping(m)" if months else ", null, 1")
    statement = f"""select {shown}, kind, sum(amount)::bigint from (
        select {_COLUMNS[by]} as x, {_COLUMNS[then]} as y, s.period::text as m, s.kind, s.amount
          from ({source}) s where {where}) t group by grouping sets ({", ".join(sets)})"""  # noqa: S608
    places: Places = {}
    by_month: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for x, y, m, is_place, kind, amount in cursor.fetchall():
            if is_place:
                places.setdefault((x, y), {})[kind] = amount
            else:
                by_month.setdefault(m, {})[kind] = amount
    return places, by_month


def _costs(question: Question, now: bool, values: dict[str, Any]) -> tuple[Places, dict[str, dict[str, int]]]:
    """Costs from their lines; what the ledger holds beyond them stands under `NOT_BY_LINE`."""
    by, then = question.by, question.then
    one = question.vendor is not None
    fine = bool({"category", "nature"} & {by, then} or question.choice.category or question.choice.nature)
    source = _by_vendor(question, now)
    lines, months = _sums(source, by, then, question.choice, values, months=one, vendor=one)
    if question.vendor is not None:
        return lines, months
    other = then if by == "vendor" else by
    kept = sources.CELLS if fine else sources.TOTALS
    held, months = _sums(kept if now else sources.THEN, other, "", question.choice, values, months=True)
    told: dict[str | None, int] = {x: 0 for x, _ in held}
    for place, kinds in lines.items():
        key = place[0 if by == other else 1]
        told[key] = told.get(key, 0) + kinds["spent"]
    for key, amount in told.items():
        if rest := held.get((key, None), {}).get("spent", 0) - amount:
            lines[(NOT_BY_LINE, key) if by == "vendor" else (key, NOT_BY_LINE)] = {"spent": rest}
    return lines, months


def _by_vendor(question: Question, now: bool) -> str:
    choice = question.choice
    months = "period" in (question.by, question.then) or choice.first or choice.last
    if months or question.vendor is not None:  # one vendor is shown month by month
        return sources.VENDOR_CELLS if now else sources.VENDOR_MONTHS_THEN
    return sources.VENDOR_PLACES if now else sources.VENDORS_THEN


def _lines(places: Places, question: Question, labels: dict[str, str], order: dict[str, int]) -> list[Line]:
    found: dict[str | None, Line] = {}
    parts: dict[str | None, list[Line]] = {}
    for (x, y), kinds in places.items():
        line = found.get(x)
        if line is None:
            line = found[x] = Line(_key(question.by, x), label(question.by, x, labels))
        for kind, amount in kinds.items():
            line.add(kind, amount)
        if question.then:
            part = Line(_key(question.then, y), label(question.then, y, labels))
            for kind, amount in kinds.items():
                part.add(kind, amount)
            parts.setdefault(x, []).append(part)
    for x, line in found.items():
        line.parts = _sorted(question.then, parts.get(x, []), order)
    return _sorted(question.by, list(found.values()), order)


def _cost_lines(
    places: Places, question: Question, labels: dict[str, str], order: dict[str, int]
) -> list[Line]:
    """The same where all is cost: a line's parts become lines only when they are looked at."""
    sums: dict[str | None, int] = {}
    parts: dict[str | None, list[tuple[Any, int]]] = {}
    for (x, y), kinds in places.items():
        amount = kinds["spent"]
        sums[x] = sums.get(x, 0) + amount
        if question.then and amount:
            parts.setdefault(x, []).append((_key(question.then, y), amount))

    def part(key: Any, amount: int) -> Line:
        name = None if key is None else str(key)
        return Line(key, label(question.then, name, labels), budget=amount, actual=amount)

    by_key = _order(question.then, order)
    found = [
        Line(
            _key(question.by, x),
            label(question.by, x, labels),
            budget=amount,
            actual=amount,
            parts=CostParts(sorted(parts.get(x, []), key=by_key), part),
        )
        for x, amount in sums.items()
    ]
    return _sorted(question.by, found, order)


def _key(cut: str, key: str | None) -> Any:
    return int(key) if cut == "project" and key is not None else key


def label(cut: str, key: str | None, projects: dict[str, str]) -> str:
    """How one key of a cut is called on a page."""
    match cut:
        case "project":
            return projects.get(key or "", "Program")
        case "category":
            return str(Category(key or "").label)
        case "nature":
            return str(Nature(key or "").label)
        case "vendor":
            return "Entered without a cost line" if key == NOT_BY_LINE else key or "No vendor named"
        case "period":
            return formats.period(str(key))
    return ""


def _sorted(cut: str, lines: list[Line], order: dict[str, int]) -> list[Line]:
    """Projects as in the plan, the program's own money last; vendors by cost; the rest in its natural order."""
    kept = [line for line in lines if not line.is_empty() or line.parts]
    by_key = _order(cut, order)
    return sorted(kept, key=lambda line: by_key((line.key, line.actual)))


def _order(cut: str, order: dict[str, int]) -> Callable[[tuple[Any, int]], Any]:
    """By what lines are sorted: a function of a line's key and cost."""
    match cut:
        case "project":
            return lambda one: order.get(str(one[0]), len(order))
        case "category":
            places = {str(name): n for n, name in enumerate(Category.values)}
            return lambda one: places[one[0]]
        case "vendor":
            return lambda one: (one[0] == NOT_BY_LINE, -one[1], one[0])
    return lambda one: str(one[0])


def _months(sums: dict[str, dict[str, int]]) -> list[Line]:
    found = []
    for code in sorted(sums):
        line = Line(code, formats.period(code))
        for kind, amount in sums[code].items():
            line.add(kind, amount)
        if not line.is_empty():
            found.append(line)
    return found


def _forecast(program: Program, when: AsOf, answer: Cut) -> None:
    """Each project's estimate at completion beside its money, where the cut is by project; the total's always."""
    known = selectors.forecasts(program, when)
    choice = answer.question.choice
    if choice.own:
        return
    if choice.project_id is not None:
        known = {pk: amount for pk, amount in known.items() if pk == choice.project_id}
    if answer.question.by == "project":
        for line in answer.lines:
            line.forecast = known.get(line.key)
        answer.total.forecast, answer.variance = forecast_total(answer.lines, known)
    elif known:
        answer.total.forecast = sum(known.values())
