"""People come into a program: invited, their link read from the outbox, a password set, roles in force."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import APART, GIVES, GRANTS, Role, clashes
from pmo.outbox import mails
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.scope import read_scope
from programs.people import joining, links, services
from programs.people.models import Invitation
from programs.people.wishes import Wanted, Wish, read
from programs.portfolio import giving
from programs.portfolio import services as portfolio
from programs.portfolio.models import Project
from tests.cast import Office, everything, make_office, person
from tests.fresh import sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "a long and quiet evening"
NEW = "lena.new@office.example"


@pytest.fixture
def office() -> Office:
    return make_office()


def invite(by: User, office: Office, *roles: Wanted, email: str = NEW, **more: Any) -> services.Invited:
    wishes = [
        Wish(
            email,
            more.pop("name", "Lena New"),
            list(roles or [Wanted(Role.AUDITOR)]),
            more.pop("until", None),
        )
    ]
    return commands.run(services.invite, actor=by, program=office.program, wishes=wishes, **more)


def link(office: Office, pk: int) -> str:
    with everything(office.program):
        return links.secret_of(Invitation.objects.get(pk=pk)) or ""


def mail(office: Office, invitation: Invitation) -> str:
    """The text as it leaves."""
    with everything(office.program):
        row = Outbox.objects.get(key=f"invitation:{invitation.pk}:{invitation.sent}")
        made = mails.message(key=row.key, payload=row.payload, written_at=datetime.now(UTC))
        body = made.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def invited_by(by: User, office: Office, *roles: Wanted, **more: Any) -> Invitation:
    return invite(by, office, *roles, **more).invitations[0]


def joins(office: Office, invitation: Invitation, text: str | None = None, **more: Any) -> User:
    return commands.run(
        joining.join, actor=more.pop("account", None), scope=[office.program.pk], invitation_id=invitation.pk,
        text=text or link(office, invitation.pk), account=None, name="Lena New", password=PASSWORD, **more,
    )  # fmt: skip


def roles_of(office: Office, email: str = NEW) -> set[tuple[str, str | None]]:
    with everything(office.program):
        return set(Membership.objects.filter(user__email=email).values_list("role", "project__code"))


# ------------------------------------------------------------------ the journey
def test_somebody_is_invited_sets_a_password_and_lands_in_the_program(office: Office) -> None:
    browser = sign_in(Client(), office.program_manager)
    answer = browser.post(
        "/p/ATLAS/members/invite/",
        {"email": "Lena.New@Office.example", "name": "Lena New", "roles": ["project_manager"],
         "projects": [office.erp.pk, office.iam.pk], "why": "She knows both systems."},
    )  # fmt: skip
    assert (answer.status_code, answer["Location"]) == (302, "/p/ATLAS/members/")
    shown = browser.get("/p/ATLAS/members/").content.decode()
    assert "Lena New" in shown and "Project manager of ERP-FIN, Project manager of IAM" in shown
    with everything(office.program):
        invitation = Invitation.objects.get()
    address = re.search(r"http\S+/invitation/(\S+)/", mail(office, invitation))
    assert address is not None
    page = f"/invitation/{address[1]}/"

    visitor = Client()
    for _ in range(2):  # mail programs look, too
        looked = visitor.get(page)
        assert looked.status_code == 200 and b"Mona Ortiz invites you" in looked.content
        assert looked["Referrer-Policy"] == "same-origin" and looked["Cache-Control"] == "no-store"
    short = visitor.post(page, {"name": "Lena New", "password": "short", "again": "short"})
    assert short.status_code == 422 and b"at least 12" in short.content
    differ = visitor.post(page, {"name": "Lena New", "password": PASSWORD, "again": "another one entirely"})
    assert differ.status_code == 422 and b"two different passwords" in differ.content
    came = visitor.post(page, {"name": "Lena Newman", "password": PASSWORD, "again": PASSWORD})
    assert (came.status_code, came["Location"]) == (302, "/p/ATLAS/")
    assert visitor.get("/p/ATLAS/").status_code == 200  # signed in
    assert roles_of(office) == {("project_manager", "ERP-FIN"), ("project_manager", "IAM")}
    lena = User.objects.get(email=NEW)
    assert lena.name == "Lena Newman" and lena.check_password(PASSWORD) and not lena.is_administrator
    again = Client().post(page, {"name": "X", "password": PASSWORD, "again": PASSWORD})
    assert again.status_code == 409 and b"taken already" in again.content
    assert Client().get(page).status_code == 410
    shown = browser.get("/p/ATLAS/members/").content.decode()
    assert "invited by Mona Ortiz: She knows both systems." in shown


def test_the_link_is_neither_in_the_table_nor_in_the_outbox(office: Office) -> None:
    invitation = invited_by(office.program_manager, office)
    text = link(office, invitation.pk)
    with everything(office.program):
        row = Outbox.objects.get(key=f"invitation:{invitation.pk}:1")
        kept = str(list(Invitation.objects.values())) + str(row.payload)
    assert text in mail(office, invitation) and len(text) == links.LENGTH and text not in kept


def test_where_no_mail_server_is_the_link_is_read_on_the_outbox_page_by_the_office_alone(
    office: Office,
) -> None:
    of_manager = invited_by(office.program_manager, office)
    of_administrator = invited_by(
        office.administrator, office, Wanted(Role.ADMINISTRATOR), email="b@x.example"
    )
    for invitation, who, reads in (
        (of_manager, office.program_manager, False),  # she could come in under that address herself
        (of_manager, office.administrator, True),
        (of_administrator, office.program_manager, False),
        (of_administrator, office.administrator, True),
        (of_manager, office.staff, None),
    ):
        with everything(office.program):
            row = Outbox.objects.get(key=f"invitation:{invitation.pk}:1")
            Outbox.objects.filter(pk=row.pk).update(state="kept")
        answer = sign_in(Client(), who).get(f"/p/ATLAS/outbox/{row.pk}/")
        assert answer.status_code == (404 if reads is None else 200)
        if reads is not None:
            assert (link(office, invitation.pk).encode() in answer.content) is reads
            assert (b"an administrator of the office reads the link here" in answer.content) is not reads
    with everything(office.program):
        Outbox.objects.filter(key__startswith="invitation:").update(state="sent")
    answer = sign_in(Client(), office.program_manager).get(f"/p/ATLAS/outbox/{row.pk}/")
    assert link(office, of_manager.pk).encode() not in answer.content


def test_a_new_link_ends_the_former_one_and_an_expired_one_is_sent_again(office: Office) -> None:
    first = invited_by(office.program_manager, office)
    old = link(office, first.pk)
    with everything(office.program):
        Invitation.objects.filter(pk=first.pk).update(expires_at=datetime.now(UTC) - timedelta(minutes=1))
    assert Client().get(f"/invitation/{old}/").status_code == 410
    browser = sign_in(Client(), office.program_manager)
    assert b"expired" in browser.get("/p/ATLAS/members/").content
    assert browser.post(f"/p/ATLAS/members/invitations/{first.pk}/send/").status_code == 302
    assert Client().get(f"/invitation/{old}/").status_code == 404
    with everything(office.program):
        former = Outbox.objects.get(key=f"invitation:{first.pk}:1")
        assert mails.link_of(former.payload) is None  # a mail that waits does not leave any more
    assert Client().get(f"/invitation/{link(office, first.pk)}/").status_code == 200
    assert browser.post(f"/p/ATLAS/members/invitations/{first.pk}/withdraw/").status_code == 302
    assert Client().get(f"/invitation/{link(office, first.pk)}/").status_code == 410
    with pytest.raises(Conflict):
        commands.run(services.send_again, actor=office.program_manager, invitation=first)
    invited_by(office.program_manager, office)  # anew


# ------------------------------------------------------------------ who has an account
def test_who_has_an_account_has_the_role_at_once_and_a_notice(office: Office) -> None:
    made = invite(office.administrator, office, Wanted(Role.AUDITOR), email=person("Olga Other").email)
    assert not made.invitations and len(made.memberships) == 1
    with everything(office.program):
        notice = Outbox.objects.get(key=f"role:{made.memberships[0].pk}")
    assert "Ada Admin gave you a role" in notice.payload["text"]
    with read_scope(User.objects.get(email="olga.other@office.example")) as access:
        assert access.program_ids == [office.program.pk]
    with pytest.raises(Refused, match="holds this role already"):
        invite(office.administrator, office, Wanted(Role.AUDITOR), email="olga.other@office.example")


def test_a_program_manager_is_not_told_who_has_an_account_elsewhere(office: Office) -> None:
    person("Olga Other")
    said = []
    browser = sign_in(Client(), office.program_manager)
    for email in ("olga.other@office.example", "nobody.here@office.example"):
        browser.post("/p/ATLAS/members/invite/", {"email": email, "name": "Some Body", "roles": "auditor"})
        answer = browser.get("/p/ATLAS/members/").content.decode()
        said.append(re.sub(email, "", re.search(r"Invited: [^<]*", answer)[0]))  # type: ignore[index]
    assert said[0] == said[1]
    with everything(office.program):
        invitation = Invitation.objects.get(email="olga.other@office.example")
    page = f"/invitation/{link(office, invitation.pk)}/"
    assert b"Sign in to take the role" in Client().get(page).content
    refused = Client().post(page, {"name": "Olga", "password": PASSWORD, "again": PASSWORD})
    assert refused.status_code == 409  # nobody sets another password for her
    olga = User.objects.get(email="olga.other@office.example")
    assert not olga.check_password(PASSWORD)
    assert sign_in(Client(), olga).post(page).status_code == 302
    assert roles_of(office, olga.email) == {("auditor", None)}


# ------------------------------------------------------------------ who gives what
def test_nobody_but_the_administrator_gives_a_right_that_the_own_role_does_not_have() -> None:
    for giver, given in GIVES.items():
        if giver != Role.ADMINISTRATOR:
            for role in given:
                assert GRANTS[role] <= GRANTS[giver], (giver, role)
    assert all(not clashes([], [role]) for role in Role.values)  # no role by itself unites what is apart
    assert all(any(one in held for held in GRANTS.values()) for pair in APART for one in pair[:2])


def test_roles_beyond_ones_own_are_refused(office: Office) -> None:
    for role in (Role.ADMINISTRATOR, Role.FINANCE_CONTROLLER, Role.COMMITTEE_MEMBER, Role.PMO_STAFF):
        with pytest.raises(NotAllowed, match="ask an administrator"):
            invite(office.program_manager, office, Wanted(role))
    for who in (office.staff, office.erp_manager, office.controller, office.sponsor, office.auditor):
        with pytest.raises(NotAllowed):
            invite(who, office)
    for who in (office.program_manager, office.administrator):
        with pytest.raises(NotAllowed, match="oneself"):
            invite(who, office, Wanted(Role.AUDITOR), email=who.email)
    made = invite(
        office.administrator, office, *(Wanted(role) for role in (Role.SPONSOR, Role.ADMINISTRATOR))
    )
    assert len(made.invitations) == 1


def test_rights_that_two_should_hold_are_named_before_one_holds_them(office: Office) -> None:
    with pytest.raises(giving.RolesClash, match="Cora Ledger then books cost and votes") as said:
        invite(office.administrator, office, Wanted(Role.SPONSOR), email=office.controller.email)
    assert roles_of(office, office.controller.email) == {("finance_controller", None)}
    with pytest.raises(giving.RolesClash):  # an agreement to something else is none
        invite(office.administrator, office, Wanted(Role.SPONSOR), email=office.controller.email, agreed="x")
    invite(
        office.administrator,
        office,
        Wanted(Role.SPONSOR),
        email=office.controller.email,
        agreed=said.value.seal,
    )
    assert ("sponsor", None) in roles_of(office, office.controller.email)


# ------------------------------------------------------------------ lines
def test_several_at_once_or_nobody(office: Office) -> None:
    browser = sign_in(Client(), office.administrator)
    bad = "\n".join(
        [
            "Ann One <ann@x.example>, auditor",
            "Ben Two ben@x.example, auditor",
            "Cy Three <cy@x.example>, emperor",
            "Di Four <di@x.example>, project manager",
            "Ed Five <ed@x.example>, sponsor, until 2020-01-01",
        ]
    )
    answer = browser.post("/p/ATLAS/members/invite/several/", {"lines": bad})
    text = answer.content.decode()
    assert answer.status_code == 422
    for words in (
        "Line 2: Begin with name",
        "Line 3: “emperor” is neither",
        "Line 4: A project manager needs",
    ):
        assert words in text, words
    assert bad.splitlines()[0].split("<")[0] in text  # nothing typed is lost
    good = bad.replace("Two ben@x.example", "Two <ben@x.example>").replace("emperor", "PMO staff")
    good = good.replace("project manager", "project manager, erp-fin")
    answer = browser.post("/p/ATLAS/members/invite/several/", {"lines": good})
    assert (
        answer.status_code == 422
        and "Line 5: The last day of a role is today or later" in answer.content.decode()
    )
    with everything(office.program):
        assert not Invitation.objects.exists()
        assert not Outbox.objects.filter(key__startswith="invitation:").exists()
    good = good.replace("2020", "2090")
    assert browser.post("/p/ATLAS/members/invite/several/", {"lines": good}).status_code == 302
    with everything(office.program):
        assert Invitation.objects.count() == 5
        assert Invitation.objects.get(email="ed@x.example").until == date(2090, 1, 1)


def test_lines_of_one_address_are_one_person(office: Office) -> None:
    with everything(office.program):
        projects = list(Project.objects.filter(program=office.program))
        found = read("A B <a@b.example>, sponsor\n\nA B <A@B.example>, project manager, IAM", projects)
        assert [(one.email, len(one.roles)) for one in found] == [("a@b.example", 2)]
        with pytest.raises(Refused, match="Line 1 says the same"):
            read("A B <a@b.example>, sponsor\nA B <a@b.example>, sponsor", projects)
        with pytest.raises(Refused, match="another name"):
            read("A B <a@b.example>, sponsor\nA C <a@b.example>, auditor", projects)


# ------------------------------------------------------------------ roles
def test_a_role_has_a_last_day_that_everything_honours(office: Office) -> None:
    with everything(office.program):
        held = Membership.objects.get(user=office.auditor)
    browser = sign_in(Client(), office.administrator)
    page = f"/p/ATLAS/members/{held.pk}/"
    assert browser.post(page, {"until": "2020-01-01", "why": "x"}).status_code == 422
    until = datetime.now(UTC).date() + timedelta(days=3)
    assert browser.post(page, {"until": str(until), "why": "Until the audit is over"}).status_code == 302
    shown = browser.get(page).content.decode()
    assert "Until the audit is over" in shown and "last day: none →" in shown
    with everything(office.program):
        Membership.objects.filter(pk=held.pk).update(valid_to=datetime.now(UTC).date() - timedelta(days=1))
    with read_scope(office.auditor) as access:
        assert access.program_ids == []
    assert sign_in(Client(), office.auditor).get("/p/ATLAS/").status_code == 404
    invite(
        office.administrator, office, Wanted(Role.AUDITOR), email=office.auditor.email
    )  # given again: another row
    with everything(office.program):
        assert Membership.objects.filter(user=office.auditor).count() == 2


def test_a_program_never_loses_its_last_manager(office: Office) -> None:
    with everything(office.program):
        held = Membership.objects.get(role=Role.PROGRAM_MANAGER)
        keeper = Membership.objects.get(role=Role.ADMINISTRATOR)
    soon = datetime.now(UTC).date() + timedelta(days=3)
    for one in (held, keeper):
        with pytest.raises(Refused, match="is the last"):
            commands.run(portfolio.end_membership, actor=office.administrator, membership=one)
        with pytest.raises(Refused, match="is the last"):
            commands.run(portfolio.change_membership, actor=office.administrator, membership=one, until=soon)
    answer = sign_in(Client(), office.administrator).post(
        f"/p/ATLAS/members/{held.pk}/end/", {"why": "She left"}
    )
    assert answer.status_code == 422 and b"is the last program manager" in answer.content
    second = invite(
        office.administrator, office, Wanted(Role.PROGRAM_MANAGER), email=office.staff.email, until=soon
    )
    with pytest.raises(Refused, match="is the last"):  # the other one goes sooner
        commands.run(portfolio.end_membership, actor=office.administrator, membership=held)
    commands.run(
        portfolio.change_membership, actor=office.administrator, membership=second.memberships[0], until=None
    )
    commands.run(portfolio.end_membership, actor=office.administrator, membership=held)
    assert sign_in(Client(), office.program_manager).get("/p/ATLAS/").status_code == 404


def test_nobody_prolongs_an_own_role_and_a_manager_touches_no_other_roles(office: Office) -> None:
    soon = datetime.now(UTC).date() + timedelta(days=3)
    co = invite(
        office.administrator, office, Wanted(Role.PROGRAM_MANAGER), email=office.staff.email, until=soon
    )
    with pytest.raises(NotAllowed, match="prolongs"):
        commands.run(
            portfolio.change_membership, actor=office.staff, membership=co.memberships[0], until=None
        )
    with everything(office.program):
        sponsor = Membership.objects.get(role=Role.SPONSOR)
    with pytest.raises(NotAllowed, match="sponsor"):
        commands.run(portfolio.end_membership, actor=office.program_manager, membership=sponsor)


# ------------------------------------------------------------------ API
def test_the_api_does_the_same(office: Office) -> None:
    client = sign_in(Client(), office.administrator)
    at = "/api/v1/programs/ATLAS/"
    body: dict[str, Any] = {
        "people": [{"email": NEW, "name": "Lena New", "roles": [{"role": "auditor"}]}],
        "why": "w",
    }
    made = client.post(f"{at}invitations/", body, "application/json")
    assert made.status_code == 201, made.content
    pk = made.json()["invitations"][0]
    row = client.get(f"{at}invitations/{pk}/").json()
    assert (row["email"], row["invited_by"], row["accepted_at"]) == (NEW, "Ada Admin", None)
    assert "digest" not in row and "nonce" not in row
    assert client.get(f"{at}invited-roles/").json()["results"][0]["role"] == "auditor"
    assert client.post(f"{at}invitations/{pk}/send/").json()["sent"] == 2
    assert client.post(f"{at}invitations/{pk}/withdraw/").json()["withdrawn_at"]
    clash = {"people": [{"email": office.controller.email, "name": "C", "roles": [{"role": "sponsor"}]}]}
    refused = client.post(f"{at}invitations/", clash, "application/json")
    assert (refused.status_code, refused.json()["type"]) == (422, "roles-clash")
    done = client.post(f"{at}invitations/", clash | {"agreed": refused.json()["agreed"]}, "application/json")
    assert done.status_code == 201 and len(done.json()["memberships"]) == 1
    held = done.json()["memberships"][0]
    assert client.post(f"{at}members/{held}/end/", {"why": "No"}, "application/json").json()["valid_to"]
    two = {"people": [body["people"][0] | {"email": "no"}, body["people"][0]]}
    assert "line 1" in client.post(f"{at}invitations/", two, "application/json").content.decode().lower()
