"""Nobody sees a program they hold no role in: the database refuses, below every query."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from pmo.accounts.models import Membership
from pmo.accounts.roles import GRANTS, SENTENCES, Permission, Role
from pmo.scope import read_scope, today
from programs.portfolio.models import Program, Project
from tests.cast import everything, make_office, stranger

pytestmark = pytest.mark.django_db


def test_tests_talk_to_the_database_as_the_web_process_does() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """select current_user, rolsuper, rolbypassrls, rolcreaterole,
                      pg_get_userbyid(nspowner) from pg_roles, pg_namespace
                where rolname = current_user and nspname = 'public'"""
        )
        user, superuser, bypasses, creates, owner = cursor.fetchone()
    assert user == "pmo_app"
    assert user != owner
    assert not (superuser or bypasses or creates)


def test_without_a_scope_there_is_no_row() -> None:
    make_office()
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.programs', '{}', true), set_config('app.user', '', true)")
        for table in ("programs_program", "programs_project", "programs_calendar", "pmo_membership"):
            cursor.execute(f"select count(*) from {table}")  # noqa: S608 - names from the line above
            assert cursor.fetchone()[0] == 0, table


def test_a_member_of_one_program_sees_nothing_of_another() -> None:
    atlas, other = make_office("ATLAS"), make_office("BOREAS", suffix=" B")
    with read_scope(atlas.program_manager) as access:
        assert access.program_ids == [atlas.program.pk]
        assert list(Program.objects.values_list("code", flat=True)) == ["ATLAS"]
        assert set(Project.objects.values_list("program__code", flat=True)) == {"ATLAS"}
        assert not Project.objects.filter(pk=other.erp.pk).exists()
    with read_scope(other.auditor):
        assert list(Program.objects.visible_to(other.auditor).values_list("code", flat=True)) == ["BOREAS"]


def test_asking_for_another_persons_rows_gives_none() -> None:
    office = make_office()
    with read_scope(office.program_manager):
        assert not Project.objects.visible_to(office.auditor).exists()
    with read_scope(stranger()):
        assert not Project.objects.exists()


def test_a_role_that_ended_opens_nothing() -> None:
    office = make_office()
    with everything(office.program):
        Membership.objects.filter(user=office.auditor).update(valid_to=today() - timedelta(days=1))
    with read_scope(office.auditor) as access:
        assert access.program_ids == []
        assert not Project.objects.exists()


def test_the_administrator_sees_members_but_no_business_data() -> None:
    office = make_office()
    with read_scope(office.administrator) as access:
        assert access.may(Permission.MANAGE_MEMBERS, office.program.pk)
        assert not access.may(Permission.VIEW_PROGRAM, office.program.pk)
        assert not Project.objects.visible_to(office.administrator).exists()


def test_writing_into_another_program_is_refused_by_the_database() -> None:
    atlas, other = make_office("ATLAS"), make_office("BOREAS", suffix=" B")
    with (
        pytest.raises(Exception, match="row-level security"),
        transaction.atomic(),
        everything(atlas.program),
    ):
        Project.objects.create(program=other.program, code="SPY", name="Spy")


def test_a_row_cannot_name_a_row_of_another_program() -> None:
    atlas, other = make_office("ATLAS"), make_office("BOREAS", suffix=" B")
    with (
        pytest.raises(Exception, match="in_program"),
        transaction.atomic(),
        everything(atlas.program, other.program),
    ):
        Project.objects.filter(pk=atlas.erp.pk).update(calendar_id=other.calendar.pk)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")


def test_every_change_is_in_the_history_with_who_and_why() -> None:
    office = make_office()
    with everything(office.program), connection.cursor() as cursor:
        cursor.execute(
            """select pgh_label, pgh_context->>'name', pgh_context->>'command', pgh_created_at
                 from programs_programevent where code = 'ATLAS' order by pgh_id limit 1"""
        )
        label, name, command, at = cursor.fetchone()
    assert (label, name) == ("insert", "Ada Admin")
    assert command == "programs.portfolio.services.create_program"
    assert datetime.now(UTC) - at < timedelta(minutes=1)


def test_every_role_has_rights_and_a_sentence() -> None:
    assert set(GRANTS) == set(SENTENCES) == set(Role.values)
    voters = {role for role, granted in GRANTS.items() if Permission.VOTE in granted}
    writers = {role for role, granted in GRANTS.items() if Permission.REQUEST_CAPITAL in granted}
    assert not voters & writers, "who asks for money does not vote on it"
    assert date.today()
