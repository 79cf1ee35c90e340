"""A forgotten password: the same answer for everybody, whatever the mail server does."""

from pathlib import Path

import pytest
from django.test import Client

from tests.cast import make_office

pytestmark = pytest.mark.django_db


def ask(address: str) -> tuple[int, str]:
    answer = Client().post("/accounts/password/reset/", {"email": address})
    return answer.status_code, answer.get("Location", "")


def test_without_a_mail_server_the_link_lands_in_a_file_of_this_machine(settings, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path)
    office = make_office()
    assert ask(office.controller.email) == ask("nobody@office.example")
    texts = [path.read_text() for path in tmp_path.iterdir()]
    assert any("/accounts/password/reset/key/" in text for text in texts)


def test_a_mail_server_that_is_down_changes_no_answer(settings) -> None:  # type: ignore[no-untyped-def]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # the discard port: nobody listens
    office = make_office()
    assert ask(office.controller.email) == ask("nobody@office.example")
