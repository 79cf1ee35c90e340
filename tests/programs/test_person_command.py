"""How an office begins: `manage.py person` makes people and gives roles, with nobody signed in yet."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from pmo.accounts.models import Membership, User
from programs.management.commands import person as command
from tests.cast import everything, make_office


def person(monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = "a long and quiet evening") -> str:
    """Run the command as a script would: the password on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed + "\n"))
    said = io.StringIO()
    call_command("person", *arguments, stdout=said)
    return said.getvalue()


@pytest.mark.django_db
def test_the_first_person_is_made_at_the_command_line_and_can_sign_in(
    monkeypatch: pytest.MonkeyPatch, client: Any
) -> None:
    said = person(monkeypatch, "Ada@Office.Example", "--name", "Ada Keller")
    assert said == "Ada Keller can sign in as ada@office.example.\n"
    user = User.objects.get(email="ada@office.example")
    assert user.check_password("a long and quiet evening") and not user.is_administrator
    client.force_login(user)
    assert client.get("/").status_code == 200


@pytest.mark.django_db
def test_a_role_is_given_to_somebody_who_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    office = make_office()
    person(monkeypatch, "ada@office.example", "--name", "Ada Keller")
    monkeypatch.setattr(
        command, "_program_id", lambda code: office.program.pk
    )  # the owner sees no open transaction
    said = person(
        monkeypatch,
        "ada@office.example",
        "--program",
        "ATLAS",
        "--role",
        "project_manager",
        "--project",
        "IAM",
    )
    assert said == "Ada Keller is now project manager in ATLAS.\n"
    with everything(office.program):
        held = Membership.objects.get(program=office.program, user__email="ada@office.example")
        assert (held.role, held.project) == ("project_manager", office.iam)


@pytest.mark.django_db
def test_what_cannot_be_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    office = make_office()
    monkeypatch.setattr(command, "_program_id", lambda code: office.program.pk)
    cases = {
        ("new@office.example",): "Nobody signs in as new@office.example. Give a --name",
        ("new@office.example", "--name", "Nell", "--role", "auditor"): "needs both --program and --role",
        ("new@office.example", "--name", "Nell", "--time-zone", "Mars/Olympus"): "zone",
        ("not an address", "--name", "Nell"): "valid email address",
        (office.auditor.email, "--program", "ATLAS", "--role", "auditor"): "holds this role already",
        (office.auditor.email, "--program", "ATLAS", "--role", "project_manager"): "needs a project",
        (
            office.auditor.email,
            "--program",
            "ATLAS",
            "--role",
            "auditor",
            "--project",
            "NONE",
        ): "no project NONE",
    }
    for arguments, sentence in cases.items():
        with pytest.raises(CommandError, match=sentence):
            person(monkeypatch, *arguments)
    with pytest.raises(CommandError, match="too short"):
        person(monkeypatch, "new@office.example", "--name", "Nell", typed="short")
    assert not User.objects.filter(email="new@office.example").exists()
