"""Benefits are asked for, read, corrected and retired by who may, and what was is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.health import selectors as health
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.benefits import keeping, present, selectors, services
from programs.benefits.models import Contribution
from programs.portfolio.models import Objective, Reading
from tests.cast import person
from tests.governance.committee import Committee, make_committee, sentence
from tests.world import rolled_back

ASKED: dict[str, Any] = {
    "code": "B-1", "name": "Invoices <untouched>", "measure": "Share paid without a touch", "unit": "%",
    "baseline_value": Decimal(10), "target_value": Decimal(80), "baseline_on": date(2026, 1, 1),
    "target_on": date(2027, 1, 1),
}  # fmt: skip


class Office:
    """The committee with a benefit that the sponsor watches."""

    def __init__(self) -> None:
        self.committee: Committee = make_committee()
        self.benefit: Objective = self.does(
            self.program_manager, keeping.add, program=self.program,
            values=ASKED | {"owner": self.sponsor},
        )  # fmt: skip

    def __getattr__(self, name: str) -> Any:
        return getattr(self.committee, name)

    def now(self) -> Objective:
        with self.looking():
            return Objective.objects.select_related("program", "owner").get(pk=self.benefit.pk)

    def edits(self, who: Any = None, reason: str = "Agreed.", **changes: Any) -> Objective:
        version = changes.pop("version", self.now().version)
        return self.does(
            who or self.program_manager, keeping.edit, objective=self.benefit, version=version,
            changes=changes, reason=reason,
        )  # fmt: skip

    def reads(self, day: date, value: int | str, who: Any = None) -> Reading:
        return self.does(
            who or self.sponsor, keeping.read, objective=self.benefit, taken_on=day, value=Decimal(value)
        )

    def client(self, who: Any = None) -> Client:
        client = Client()
        client.force_login(who or self.program_manager)
        return client


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Office]:
    with django_db_blocker.unblock(), rolled_back():
        yield Office()


@pytest.fixture
def office(built: Office) -> Iterator[Office]:
    with rolled_back():
        yield built


def typed(**more: Any) -> dict[str, Any]:
    return {
        "code": "B-2", "name": "Faster <close>", "measure": "Days to close", "unit": "days",
        "baseline_value": "9", "baseline_on": "2026-01-01", "target_value": "4", "target_on": "2026-12-31",
        "owner": "", **more,
    }  # fmt: skip


def test_a_benefit_is_asked_for_on_its_page_and_found_again(office: Office) -> None:
    client = office.client()
    empty = client.get("/p/ATLAS/benefits/?state=retired").content.decode()
    assert "None is retired" in empty
    for wrong, field in (
        ({"code": "no good"}, "A code has letters"),
        ({"code": "b-1"}, "has a benefit of this code"),
        ({"target_on": "2025-12-31"}, "lies after the baseline"),
        ({"target_value": "9"}, "another value than the baseline"),
        ({"baseline_value": "1e9999"}, "Enter a number"),
        ({"owner": person("Stray Watcher").pk}, "Select a valid choice"),
    ):
        answer = client.post("/p/ATLAS/benefits/add/", typed(**wrong))
        assert answer.status_code == 422, (wrong, answer.status_code)
        assert field in answer.content.decode() or wrong.get("baseline_value"), wrong
    page = client.post("/p/ATLAS/benefits/add/", typed(owner=office.staff.pk), follow=True).content.decode()
    assert "Faster &lt;close&gt;" in page and "<close>" not in page
    assert "9 to 4 days by 31 Dec 2026" in page and office.staff.name in page
    assert "Nothing was read yet." in page and "No project or deliverable contributes" in page
    assert "B-2 Faster" in client.get("/p/ATLAS/benefits/?q=close").content.decode()
    assert "B-2 Faster" in client.get("/search/?q=Faster").content.decode()


def test_another_target_needs_a_reason_and_the_former_one_stays_to_read(office: Office) -> None:
    with pytest.raises(Refused) as refused:
        office.edits(reason=" ", target_value=Decimal(60))
    assert refused.value.field == "why"
    office.edits(reason="", name="Invoices that nobody touches")
    form = typed(
        code="B-1", name="Invoices", measure=ASKED["measure"], unit="%", baseline_value="10",
        target_value="60", target_on="2027-01-01", owner=office.sponsor.pk, why="Half the scope.",
        version=office.now().version,
    )  # fmt: skip
    client, url = office.client(), f"/p/ATLAS/benefits/{office.benefit.pk}/edit/"
    page = client.post(url, form, follow=True).content.decode()
    assert "target: 80 → 60" in page and "Half the scope." in page and "Mona Ortiz" in page
    late = client.post(url, form | {"target_value": "70"})
    assert late.status_code == 409 and "Target: 60" in late.content.decode()
    with pytest.raises(Conflict):
        office.edits(version=1, name="Late")


def test_its_owner_and_who_reports_progress_read_it_and_nobody_else(office: Office) -> None:
    office.reads(date(2026, 3, 1), 20)
    office.reads(date(2026, 4, 1), 30, office.staff)
    for who in (office.erp_manager, office.controller, office.chair, office.auditor):
        with pytest.raises(NotAllowed):
            office.reads(date(2026, 5, 1), 40, who)
        page = office.client(who).get(f"/p/ATLAS/benefits/{office.benefit.pk}/").content.decode()
        assert "Enter a reading" not in page and "Correct" not in page.replace("Corrected", "")
    for day, value, field in (
        (date(2026, 3, 1), 25, "taken_on"),
        (date(2199, 1, 1), 25, "taken_on"),
        (date(1900, 1, 1), 25, "taken_on"),
        (date(2026, 6, 1), "1e15", "value"),
        (date(2026, 6, 1), "NaN", "value"),
        (date(2026, 6, 1), "0.00001", "value"),
    ):
        with pytest.raises(Refused) as refused:
            office.reads(day, value)
        assert refused.value.field == field, (day, value)


def test_a_reading_is_corrected_and_what_it_was_stays_beside_it(office: Office) -> None:
    made = office.reads(date(2026, 3, 1), 200)
    client = office.client(office.sponsor)
    url = f"/p/ATLAS/benefits/readings/{made.pk}/"
    shown = client.get(url).content.decode()
    assert 'value="200"' in shown
    form = {
        "taken_on": "2026-03-01", "value": "20", "why": "A <zero> too many.", "seen_on": "2026-03-01",
        "seen_value": "200",
    }  # fmt: skip
    assert client.post(url, form | {"why": " "}).status_code == 422
    page = client.post(url, form, follow=True).content.decode()
    assert "was 200 until" in page and "A &lt;zero&gt; too many." in page and office.sponsor.name in page
    assert "<svg" in page and "asked, from baseline to target" in page
    again = client.post(url, form | {"value": "21"})
    assert again.status_code == 409 and "it is 20 now" in again.content.decode()
    assert office.client(office.controller).get(url).status_code == 403
    with office.looking():
        line = present.lines(office.now())[0]
    assert (line.value, line.better) == (Decimal(20), False)  # 21.3 was asked


def test_a_retired_benefit_counts_no_more_and_comes_back(office: Office) -> None:
    office.reads(date(2026, 3, 1), 20)
    office.does(
        office.program_manager, services.link, objective=office.benefit, version=office.now().version,
        how="Whole.", project=office.erp,
    )  # fmt: skip
    client, base = office.client(), f"/p/ATLAS/benefits/{office.benefit.pk}/"

    def coloured() -> list[str]:
        with office.looking():
            now = timezone.now()
            found = health.read(office.program, at=now, known=now, is_now=True, sees_money=True)
            return [one.code for one in found.benefits]

    assert coloured() == ["B-1"]
    assert client.post(f"{base}retire/", {"why": " ", "version": office.now().version}).status_code == 422
    page = client.post(
        f"{base}retire/", {"why": "Sold <the> plant.", "version": office.now().version}, follow=True
    ).content.decode()
    assert "It is asked for no longer: Sold &lt;the&gt; plant." in page and "counts no more" in page
    assert "Enter a reading" not in page
    assert coloured() == []
    with pytest.raises(Refused, match="retired"):
        office.reads(date(2026, 4, 1), 30)
    with pytest.raises(Refused, match="retired"):
        office.edits(name="Anew")
    with office.looking():
        assert selectors.losing(office.program.pk, project=office.erp.pk) == []
    assert "B-1" not in client.get("/p/ATLAS/benefits/").content.decode()
    assert "B-1" in client.get("/p/ATLAS/benefits/?state=retired").content.decode()
    assert "benefit retired" in client.get("/p/ATLAS/benefits/map/").content.decode()
    with pytest.raises(Conflict):
        office.does(office.program_manager, keeping.restore, objective=office.benefit, version=1)
    assert client.post(f"{base}restore/", {"version": office.now().version}).status_code == 302
    with office.looking():
        lost = selectors.losing(office.program.pk, project=office.erp.pk)
    assert [one.code for one in lost] == ["B-1"]
    assert "is not retired" in sentence(
        lambda: office.does(
            office.program_manager, keeping.restore, objective=office.benefit, version=office.now().version
        )
    )


def test_how_something_contributes_is_said_otherwise(office: Office) -> None:
    made: Contribution = office.does(
        office.program_manager, services.link, objective=office.benefit, version=office.now().version,
        how="It matches.", project=office.erp,
    )  # fmt: skip
    client, url = office.client(), f"/p/ATLAS/benefits/map/{made.pk}/how/"
    page = client.get(url).content.decode()
    assert "It matches." in page and f"/p/ATLAS/benefits/map/{made.pk}/end/" in page
    form = {"how": "It <matches> and pays.", "version": office.now().version}
    assert client.post(url, form | {"how": " "}).status_code == 422
    assert "It &lt;matches&gt; and pays." in client.post(url, form, follow=True).content.decode()
    assert client.post(url, form).status_code == 409
    with pytest.raises(NotAllowed):
        office.does(
            office.staff, services.reword, contribution=made, how="Mine.", version=office.now().version
        )


def test_the_api_keeps_benefits_by_the_same_rules(office: Office) -> None:
    client = office.client()

    def send(method: str, path: str, **body: Any) -> Any:
        return client.generic(method, f"/api/v1/programs/ATLAS/{path}", json.dumps(body), "application/json")

    made = send(
        "POST", "objectives/", code="B-9", name="Less paper", measure="Pages", unit="pages",
        baseline_value="100", target_value="10.5", baseline_on="2026-01-01", target_on="2026-12-31",
        owner=office.staff.pk,
    )  # fmt: skip
    assert made.status_code == 201, made.content
    pk, version = made.json()["id"], made.json()["version"]
    assert send("PATCH", f"objectives/{pk}/", version=version, target_value="20").status_code == 422
    changed = send("PATCH", f"objectives/{pk}/", version=version, target_value="20", why="Agreed.")
    assert changed.json()["target_value"] == "20"
    read = send("POST", "readings/", objective=pk, taken_on="2026-02-01", value="90")
    assert read.status_code == 201, read.content
    fixed = {"taken_on": "2026-02-01", "value": "95", "why": "Recounted.", "seen_on": "2026-02-01"}
    assert send("PATCH", f"readings/{read.json()['id']}/", **fixed, seen_value="80").status_code == 409
    assert send("PATCH", f"readings/{read.json()['id']}/", **fixed, seen_value="90").json()["value"] == "95"
    version = changed.json()["version"]
    linked = send(
        "POST", "contributions/", objective=pk, project=office.erp.pk, how="All.", version=version
    ).json()
    version += 1
    worded = send("PATCH", f"contributions/{linked['id']}/", how="All of it.", version=version)
    assert worded.json()["how"] == "All of it."
    lost = send("POST", f"contributions/{linked['id']}/end/", lost="")
    assert lost.status_code == 409 and "B-9" in lost.content.decode()
    assert send("POST", f"contributions/{linked['id']}/end/", lost=str(pk)).status_code == 204
    now = client.get(f"/api/v1/programs/ATLAS/objectives/{pk}/").json()["version"]
    gone = send("POST", f"objectives/{pk}/retire/", version=now, why="No paper.")
    assert gone.json()["retired_why"] == "No paper."
    codes = client.get("/api/v1/programs/ATLAS/objectives/?retired=true").json()["results"]
    assert [one["code"] for one in codes] == ["B-9"]
    assert send("POST", f"objectives/{pk}/restore/", version=now + 1).json()["retired_at"] is None
    assert send("POST", "objectives/", code="X").status_code == 400
