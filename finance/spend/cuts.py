"""Money cut by project, category, nature, vendor or period, twice at most: one or two statements, whatever its size.

From what is kept with the postings and cost lines, now and at another moment (see `sources`): balances of accounts
where no period is asked about, the sums by period else; by vendor likewise. Amounts are minor
units of the program's currency.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from finance.ledger import sources, vendor_sources
from finance.ledger.choice import Choice
from finance.spend import selectors, vendors
from finance.spend.adding import NOT_BY_LINE, Places, sums
from finance.spend.asking import Question
from finance.spend.figures import CostParts, Line, Unread, forecast_total, total
from finance.structure.models import Category, Nature
from pmo import formats
from pmo.clocks import AsOf
from programs.portfolio.models import Program


@dataclass(slots=True)
class Cut:
    """The answer: lines (with parts where cut twice), what they add up to, and the same money month by month."""

    question: Question
    lines: list[Line]
    total: Line
    months: list[Line]
    variance: int | None = None
    """Budget less forecast of the projects that have a forecast."""
    reader: Callable[[list[Line]], None] | None = None

    def fill(self, lines: list[Line]) -> None:
        """Read the parts of these lines, where they are only counted so far; one statement for all of them."""
        unread = [line for line in lines if isinstance(line.parts, Unread)]
        if unread and self.reader is not None:
            self.reader(unread)


def read(
    program: Program, when: AsOf | None, question: Question, names: dict[int, str], *, whole: bool = True
) -> Cut:
    """The sums as of a moment (None: now). `names` are the codes of the program's projects by id, in their order.

    Not `whole`: parts of costs that are cut twice are read when `Cut.fill` asks for those of some lines.
    """
    values = _values(program, when, question)
    now = when is None or when.is_now
    by, then = question.by, question.then
    labels = {str(pk): code for pk, code in names.items()}
    order = {str(pk): place for place, pk in enumerate(names)}
    if question.costs_only and question.then and question.vendor is None and not whole:
        return _paged(question, now, values, labels, order)
    if question.costs_only:
        places, months = vendors.costs(question, now, values)
    else:
        source = _source(question, now)
        places, months = sums(source, by, then, question.choice, values, months=source != sources.ACCOUNTS)
        if source == sources.ACCOUNTS:
            _, months = sums(_by_month(question), "", "", question.choice, values, months=True, cut=False)
    lines = (_cost_lines if question.costs_only else _lines)(places, question, labels, order)
    answer = Cut(question, lines, total(lines), _months(months))
    if question.whole_projects and when is not None:
        _forecast(program, when, answer)
    return answer


def amounts(program: Program, when: AsOf | None, choice: Choice) -> dict[str, int]:
    """What stands in each kind of account at the chosen places and periods, minor units. One statement."""
    question = Question("project", "", choice)
    source = _source(question, when is None or when.is_now)
    places, _ = sums(source, "", "", choice, _values(program, when, question), months=False)
    return places.get((None, None), {})


def _values(program: Program, when: AsOf | None, question: Question) -> dict[str, Any]:
    found = sources.values(program.pk, when, question.choice, question.vendor)
    if question.costs_only:
        found |= vendor_sources.values(program.pk, when, question.choice)
    return found


def _source(question: Question, now: bool) -> str:
    if not now:
        return sources.THEN
    if "period" in (question.by, question.then) or question.choice.first or question.choice.last:
        fine = {"category", "nature"} & {question.by, question.then}
        return sources.CELLS if fine else _by_month(question)
    return sources.ACCOUNTS


def _by_month(question: Question) -> str:
    return sources.CELLS if question.choice.category or question.choice.nature else sources.TOTALS


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


def _paged(
    question: Question, now: bool, values: dict[str, Any], labels: dict[str, str], order: dict[str, int]
) -> Cut:
    """Costs cut twice with their parts only counted: a page shows a hundred of what may be tens of thousands."""
    by, then = question.by, question.then
    told = vendors.told(question, now, values)
    by_key = _order(then, order)

    def line(key: str | None, amount: int, parts: int) -> Line:
        own = Line(_key(by, key), label(by, key, labels), budget=amount, actual=amount)
        own.parts = Unread(parts)
        return own

    def part(key: Any, amount: int) -> Line:
        name = None if key is None else str(key)
        return Line(key, label(then, name, labels), budget=amount, actual=amount)

    def reader(lines: list[Line]) -> None:
        names = {None if one.key is None else str(one.key): one for one in lines}
        found = vendors.parts(question, now, values, [key for key in names if key != NOT_BY_LINE])
        for key, one in names.items():
            costs = found.get(key, [])
            if key == NOT_BY_LINE:
                costs = list(told.rests.items())
            elif by != "vendor" and key in told.rests:
                costs.append((NOT_BY_LINE, told.rests[key]))
            one.parts = CostParts(sorted(((_key(then, y), cost) for y, cost in costs), key=by_key), part)

    lines = _sorted(by, [line(key, *sums) for key, sums in told.lines.items()], order)
    return Cut(question, lines, total(lines), _months(told.months), reader=reader)


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
