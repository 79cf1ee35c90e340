"""Limits of variances of one project or account: they override, stay on record, and are named by what they found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from finance import verify
from finance.control_accounts import holding, own_limits, services
from finance.control_accounts.limits import Limits
from finance.control_accounts.models import ControlAccount, OwnLimits, VarianceFinding
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.test_control_accounts import account, browser, committee, computed
from tests.finance.test_procurement_pages import said, send
from tests.governance.committee import Committee

__all__ = ["committee"]  # the fixture
LAX = Limits(cpi_low=None, cpi_high=None, spi_low=None, vac_percent=None)
STRICT = Limits(cpi_low=Decimal("0.999"), cpi_high=Decimal("1.001"), spi_low=Decimal("0.999"))


def program_limits(committee: Committee, wanted: Limits) -> None:
    committee.does(committee.program_manager, services.set_limits, program=committee.program, wanted=wanted)


def own(
    committee: Committee, wanted: Limits, seen: int = 0, reason: str = "It is risky", **of: Any
) -> OwnLimits:
    return committee.does(
        committee.controller, own_limits.set_own, program=committee.program, wanted=wanted, reason=reason,
        seen=seen, **of,
    )  # fmt: skip


def findings(committee: Committee) -> list[VarianceFinding]:
    with committee.looking():
        return list(VarianceFinding.objects.select_related("limits", "account", "issue").order_by("pk"))


def held(committee: Committee, one: ControlAccount) -> holding.Held:
    with committee.looking():
        return holding.Book(committee.program).of(one)


def faults() -> list[str]:
    with connection.cursor() as cursor:
        return verify.check(cursor)


def test_an_account_comes_before_its_project_and_that_before_the_program(committee: Committee) -> None:
    made = account(committee)
    assert held(committee, made).whose == "the program"
    of_project = own(committee, STRICT, project=committee.erp)
    assert held(committee, made) == holding.Held(STRICT, "project ERP-FIN", of_project)
    of_account = own(committee, LAX, account=made)
    assert held(committee, made).row == of_account
    ended = committee.does(
        committee.controller, own_limits.end_own, setting=of_account, seen=1, reason="Calm again"
    )
    assert (ended.n, ended.ends) == (2, True) and held(committee, made).row == of_project
    committee.does(committee.controller, own_limits.end_own, setting=of_project, seen=1, reason="Calm")
    assert held(committee, made).whose == "the program"
    assert own(committee, STRICT, account=made, seen=2).n == 3


def test_a_stricter_limit_asks_at_once_and_the_issue_names_whose_it_was(committee: Committee) -> None:
    made = account(committee, manager=committee.erp_manager)
    program_limits(committee, LAX)
    computed(committee)
    assert findings(committee) == []
    row = own(committee, STRICT, account=made)
    found = findings(committee)
    assert [one.limits for one in found] == [row]
    assert {one["whose"] for one in found[0].crossed} == {made.code}
    assert f", the limit of {made.code}" in found[0].crossed[0]["sentence"]
    assert found[0].issue and f"the limit of {made.code}" in found[0].issue.description
    own(committee, LAX, account=made, seen=1)  # what was found stays
    assert len(findings(committee)) == 1 and faults() == []


def test_limits_are_the_controllers_with_a_reason_and_for_who_saw_the_last(committee: Committee) -> None:
    made = account(committee)
    with pytest.raises(NotAllowed):
        committee.does(
            committee.program_manager, own_limits.set_own, program=committee.program, wanted=STRICT,
            reason="x", seen=0, account=made,
        )  # fmt: skip
    for wanted, more, words in (
        (STRICT, {"account": made, "reason": " "}, "Say why"),
        (STRICT, {}, "one project or of one control account"),
        (STRICT, {"account": made, "project": committee.erp}, "one project or of one control account"),
        (Limits(cpi_low=Decimal(2)), {"account": made}, "between 0 and 1"),
        (Limits(smallest_minor=-1), {"account": made}, "zero or more"),
        (Limits(answer_days=0), {"account": made}, "1 to 90 days"),
    ):
        with pytest.raises(Refused, match=words):
            own(committee, wanted, **more)  # type: ignore[arg-type]
    row = own(committee, STRICT, account=made)
    with pytest.raises(Conflict, match="after you opened it"):
        own(committee, LAX, account=made)
    with pytest.raises(Refused, match="hold already"):
        own(committee, STRICT, account=made, seen=1)
    with pytest.raises(Refused, match="it stays"):
        committee.does(committee.program_manager, services.remove, account=made, version=made.version)
    committee.does(committee.controller, own_limits.end_own, setting=row, seen=1, reason="x")
    with pytest.raises(Refused, match="ended already"):
        committee.does(committee.controller, own_limits.end_own, setting=row, seen=2, reason="x")


def test_the_database_keeps_which_limits_a_variance_was_found_by(committee: Committee) -> None:
    made = account(committee)
    program_limits(committee, LAX)
    computed(committee)
    row = own(committee, STRICT, account=made)
    (found,) = findings(committee)
    rows = VarianceFinding.objects.filter(pk=found.pk)
    again = OwnLimits(
        program=committee.program,
        account=made,
        n=1,
        reason="x",
        set_by=committee.controller,
        set_at=row.set_at,
    )
    for deed, words in (
        (lambda: rows.update(limits=None), "found by stays"),
        (lambda: rows.update(crossed=[]), "found by stays"),
        (lambda: again.save(), "after you opened it"),
        (lambda: OwnLimits.objects.filter(pk=row.pk).update(cpi_low=None), "permission denied"),
        (lambda: OwnLimits.objects.filter(pk=row.pk)._raw_delete("default"), "permission denied"),
    ):
        with pytest.raises(DatabaseError, match=words), committee.looking(), transaction.atomic():
            deed()


def test_limits_on_pages_and_in_the_api(committee: Committee) -> None:
    made = account(committee)
    controller, auditor = browser(committee.controller), browser(committee.auditor)
    base = "/p/ATLAS/variances/limits/own/"
    assert "Every account has the program's limits" in said(controller.get(base)).replace("&#x27;", "'")
    assert made.code in said(controller.get(f"{base}set/")) and auditor.get(f"{base}set/").status_code == 403
    assert "No control account is named yet in" in said(controller.get(f"{base}set/"))
    assert controller.get(f"{base}set/?account=0").status_code == 404
    assert controller.get(f"{base}set/?account={'9' * 30}").status_code == 404
    address = f"{base}set/?account={made.pk}"
    typed = {"cpi_low": "0.955", "smallest": "100", "answer_days": "5", "why": "<b>Risk", "seen": "0"}
    assert controller.post(address, typed | {"cpi_low": "1.5"}).status_code == 422
    assert controller.post(address, typed | {"seen": "7"}).status_code == 409
    page = said(controller.post(address, typed, follow=True))
    assert "0.955" in page and "&lt;b&gt;Risk" in page
    assert "End them" in said(controller.get(address))
    shown = said(auditor.get(f"/p/ATLAS/control-accounts/{made.pk}/"))
    assert f"by the limits of {made.code}: CPI below 0.955" in shown
    assert "0.955" in said(auditor.get(f"{base}?format=csv"))
    with committee.looking():
        row = OwnLimits.objects.get()
    assert controller.post(f"{base}{row.pk}/end/", {"why": "", "seen": "1"}).status_code == 422
    assert "ended: those of above hold" in said(
        controller.post(f"{base}{row.pk}/end/", {"why": "Over", "seen": "1"}, follow=True)
    )
    status, set_anew = send(
        controller,
        "POST",
        "own-limits/",
        {"seen": 2, "reason": "Again", "control_account": made.pk, "cpi_low": "0.9"},
    )
    assert (status, set_anew["n"], set_anew["cpi_low"], set_anew["spi_low"]) == (201, 3, "0.9", None)
    assert send(auditor, "POST", "own-limits/", {"seen": 3, "reason": "x"})[0] == 403
    assert send(controller, "POST", "own-limits/", {"seen": 3, "reason": "x"})[0] == 422
    over = send(controller, "POST", f"own-limits/{set_anew['id']}/end/", {"seen": 3, "reason": "Over"})
    assert over[1]["ends"] is True
    assert len(send(auditor, "GET", f"own-limits/?control_account={made.pk}")[1]["results"]) == 4
