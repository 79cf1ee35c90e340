"""What each kind of clause looks at, and when it is breached (see `conformity` for the words used here)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction

from finance.engine.conformity import (
    NO_SUBJECT,
    Basis,
    Breach,
    Clause,
    Evidence,
    Facts,
    Place,
    Result,
    Subject,
    result,
)

RESERVES = frozenset({"contingency", "management_reserve"})


def share_of(text: str) -> Fraction:
    return Fraction(text) / 100


def _percent(share: Fraction) -> str:
    """A share as a percentage with two decimals, rounded half to even."""
    hundredths = round(share * 10_000)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def _over_bases(
    clause: Clause,
    facts: Facts,
    look: Callable[[Basis], tuple[list[Evidence], list[Breach]]],
    kept: str,
    nothing: str,
) -> Result:
    """Look at the budget in force, then at each version in preparation: what it would add to the breaches.

    A version repeats nothing that the budget in force breaches as much already.
    """
    evidence: list[Evidence] = []
    breaches: list[Breach] = []
    already: dict[str, int] = {}
    for basis in facts.bases:
        seen, found = look(basis)
        if basis.subject == NO_SUBJECT:
            evidence, breaches = seen, found
            already = {one.key: one.amount for one in found}
            continue
        mine = [one for one in found if one.key not in already or one.amount > already[one.key]]
        breaches += [
            Breach(one.key, f"{basis.label}: {one.sentence}", one.amount, one.place, basis.subject)
            for one in mine
        ]
        if mine:
            evidence += [Evidence(f"{basis.label}: {one.what}", one.value) for one in seen]
    return result(clause, evidence, breaches, kept, nothing)


def ceiling(clause: Clause, facts: Facts) -> Result:
    year, ceiling = clause.parameters["year"], clause.parameters["ceiling_minor"]

    def look(basis: Basis) -> tuple[list[Evidence], list[Breach]]:
        cells = [one for one in basis.cells if one.year == year]
        total = sum(one.amount for one in cells)
        seen = [Evidence(f"Budget of fiscal year {year}", facts.money(total))] if cells else []
        if total <= ceiling:
            return seen, []
        sentence = (
            f"{facts.money(total)} are budgeted in fiscal year {year}, {facts.money(total - ceiling)} above the "
            f"ceiling of {facts.money(ceiling)}."
        )
        return seen, [Breach(str(year), sentence, total - ceiling)]

    kept = f"The budget of fiscal year {year} stays within {facts.money(ceiling)}."
    return _over_bases(clause, facts, look, kept, f"Nothing is budgeted in fiscal year {year}.")


def band(clause: Clause, facts: Facts) -> Result:
    low, high = share_of(clause.parameters["low"]), share_of(clause.parameters["high"])

    def look(basis: Basis) -> tuple[list[Evidence], list[Breach]]:
        work = sum(one.amount for one in basis.cells if one.place.category not in RESERVES)
        held = sum(one.amount for one in basis.cells if one.place.category == "contingency")
        if not work:
            return [], []
        share = Fraction(held, work)
        seen = [
            Evidence("Budget without reserves", facts.money(work)),
            Evidence("Contingency", f"{facts.money(held)}, {_percent(share)}"),
        ]
        if low <= share <= high:
            return seen, []
        edge, word = (low, "below") if share < low else (high, "above")
        away = abs(held - round(edge * work))
        sentence = (
            f"Contingency of {facts.money(held)} is {_percent(share)} of the budget without reserves, "
            f"{word} the band of {_percent(low)} to {_percent(high)} by {facts.money(away)}."
        )
        return seen, [Breach(f"contingency {word}", sentence, away)]

    kept = f"Contingency lies between {_percent(low)} and {_percent(high)} of the budget without reserves."
    return _over_bases(clause, facts, look, kept, "There is no budget yet.")


def cap(clause: Clause, facts: Facts) -> Result:
    category, most = clause.parameters["category"], share_of(clause.parameters["cap"])
    name = facts.category_names.get(category, category)

    def look(basis: Basis) -> tuple[list[Evidence], list[Breach]]:
        seen, breaches = [], []
        sums: dict[tuple[int, str], list[int]] = {}
        for one in basis.cells:
            if one.place.project_id is not None and one.place.category not in RESERVES:
                both = sums.setdefault((one.place.project_id, one.place.project), [0, 0])
                both[0] += one.amount
                both[1] += one.amount if one.place.category == category else 0
        for (project_id, project), (whole, part) in sums.items():
            if not whole:
                continue
            share = Fraction(part, whole)
            seen.append(Evidence(f"{project}: {name.lower()}", f"{facts.money(part)}, {_percent(share)}"))
            if share > most:
                sentence = (
                    f"{project}: {name.lower()} of {facts.money(part)} is {_percent(share)} of the project's budget, "
                    f"above the cap of {_percent(most)}."
                )
                over = part - int(most * whole)
                breaches.append(Breach(project, sentence, over, Place(project_id, project, category)))
        return seen, breaches

    kept = f"{name} is at most {_percent(most)} of the budget of every project."
    return _over_bases(clause, facts, look, kept, "No project has a budget yet.")


def beyond_budget(clause: Clause, facts: Facts) -> Result:
    seen, breaches = [], []
    for one in facts.positions:
        if not one.used and not one.beyond:
            continue
        where = f"{one.place.project or 'Program'}, {_line(one.place, facts)}"
        seen.append(Evidence(where, f"{facts.money(one.used)} of {facts.money(one.budget)}"))
        if one.beyond:
            sentence = (
                f"{where}: {facts.money(one.used)} are promised or spent and {facts.money(one.budget)} are approved, "
                f"{facts.money(one.beyond)} too little."
            )
            key = f"{one.place.project}/{one.place.category}/{one.place.nature}"
            breaches.append(Breach(key, sentence, one.beyond, one.place))
    for request in facts.requests:
        seen.append(
            Evidence(
                f"{request.code} for {request.place.project}",
                f"{facts.money(request.amount)} asked, {facts.money(request.available)} available",
            )
        )
        if request.amount > request.available:
            sentence = (
                f"{request.code} asks for {facts.money(request.amount)} and {facts.money(request.available)} are "
                f"available for {_line(request.place, facts)} of {request.place.project}."
            )
            breaches.append(
                Breach(
                    request.code,
                    sentence,
                    request.amount - request.available,
                    request.place,
                    Subject("capital_request", request.id),
                )
            )
    kept = "Nothing is promised or spent beyond the approved budget."
    return result(clause, seen, breaches, kept, "Nothing is promised or spent yet.")


def _line(place: Place, facts: Facts) -> str:
    return f"{facts.category_names.get(place.category, place.category).lower()} ({place.nature})"


def threshold(clause: Clause, facts: Facts) -> Result:
    least = clause.parameters["threshold_minor"]
    seen, breaches = [], []
    for one in facts.requests:
        seen.append(Evidence(f"{one.code} for {one.place.project}", facts.money(one.amount)))
        if one.amount < least:
            sentence = (
                f"{one.code} asks for capital of {facts.money(one.amount)}; below {facts.money(least)} cost is "
                f"operating expense."
            )
            breaches.append(
                Breach(one.code, sentence, least - one.amount, one.place, Subject("capital_request", one.id))
            )
    kept = f"Every capital request reaches the capitalisation threshold of {facts.money(least)}."
    return result(clause, seen, breaches, kept, "No capital request is drafted or waits.")


def quotes(clause: Clause, facts: Facts) -> Result:
    above, wanted = clause.parameters["above_minor"], clause.parameters["quotes"]
    seen, breaches = [], []
    for one in facts.requests:
        if one.amount <= above:
            continue
        names = ", ".join(sorted(one.quoting)) or "no vendor"
        seen.append(
            Evidence(f"{one.code} for {one.place.project}", f"{facts.money(one.amount)}, quoted by {names}")
        )
        if len(one.quoting) < wanted:
            sentence = (
                f"{one.code} asks for {facts.money(one.amount)}; above {facts.money(above)} quotes of {wanted} "
                f"different vendors are needed, and {len(one.quoting)} are attached."
            )
            # As far as the whole request: what is waived for this amount is not waived for a larger one.
            breaches.append(
                Breach(one.code, sentence, one.amount, one.place, Subject("capital_request", one.id))
            )
    kept = f"Every capital request above {facts.money(above)} comes with quotes of {wanted} vendors or more."
    return result(clause, seen, breaches, kept, f"No capital request above {facts.money(above)} waits.")


def duties(clause: Clause, facts: Facts) -> Result:
    seen = [Evidence(one.what, f"{one.first}; {one.second}") for one in facts.handled]
    breaches = [
        Breach(one.key, f"{one.what}: {one.first} and {one.second} are the same person's.")
        for one in facts.handled
        if one.same
    ]
    kept = "What two persons should do was done, and can be done, by two persons only."
    return result(clause, seen, breaches, kept, "Nothing was done yet that two persons should do.")


def ageing(clause: Clause, facts: Facts) -> Result:
    days = clause.parameters["days"]
    since = facts.today - timedelta(days=days)
    seen, breaches = [], []
    for one in facts.accruals:
        if one.balance <= 0:
            continue
        # What is used up is the oldest: what stands there is explained by the newest accruals.
        recent = sum(amount for day, amount in one.entries if day >= since)
        aged = max(0, one.balance - recent)
        where = f"{one.place.project or 'Program'}, {_line(one.place, facts)}"
        seen.append(Evidence(where, f"{facts.money(one.balance)} accrued, {facts.money(aged)} of it aged"))
        if aged:
            sentence = f"{where}: {facts.money(aged)} are accrued for more than {days} days."
            key = f"{one.place.project}/{one.place.category}/{one.place.nature}"
            breaches.append(Breach(key, sentence, aged, one.place))
    kept = f"No accrual is older than {days} days."
    return result(clause, seen, breaches, kept, "Nothing stands accrued.")
