"""Signing in and looking after one's account: pages of allauth in our frame, under our policy."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.utils import ProgrammingError
from django.test import Client, RequestFactory
from django.urls import reverse

from pmo.errors import server_error
from tests.fresh import sign_in
from tests.pmo.test_template_rules import complaints

pytestmark = pytest.mark.django_db
PASSWORD = "a long sentence that nobody guesses"


@pytest.fixture
def maria(client: Client) -> Client:
    """Maria, signed in."""
    user = get_user_model().objects.create_user(
        email="maria@example.org", password=PASSWORD, name="Maria Olsen"
    )
    client.force_login(user)
    return client


def broken_rules(html: str) -> list[str]:
    """What of the policy a whole page breaks; data for allauth's own scripts is not run as one."""
    return complaints(html.replace('type="application/json">', 'src="data">'))


@pytest.mark.parametrize("name", ["account_login", "account_reset_password"])
def test_the_way_in_is_a_plain_page_that_keeps_the_policy(client: Client, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "Program Office" in html
    assert html.count("<h1>") == 1
    assert broken_rules(html) == []


def test_a_wrong_password_is_said_without_telling_whether_the_address_is_known(client: Client) -> None:
    get_user_model().objects.create_user(email="maria@example.org", password=PASSWORD, name="Maria Olsen")
    said = []
    for login in ("maria@example.org", "nobody@example.org"):
        html = client.post(reverse("account_login"), {"login": login, "password": "wrong"}).content.decode()
        assert 'class="error-summary"' in html
        said.append(html[html.index('class="error-summary"') :].split("</div>")[0])
    assert said[0] == said[1]


def test_the_right_password_lets_in(client: Client) -> None:
    get_user_model().objects.create_user(email="maria@example.org", password=PASSWORD, name="Maria Olsen")
    answer = client.post(reverse("account_login"), {"login": "maria@example.org", "password": PASSWORD})
    assert answer.status_code == 302
    assert "_auth_user_id" in client.session


@pytest.mark.parametrize(
    "name",
    ["account_logout", "account_change_password", "mfa_index", "account_reauthenticate", "mfa_activate_totp"],
)
def test_the_pages_of_an_account_keep_the_policy(maria: Client, name: str) -> None:
    answer = maria.get(reverse(name), follow=True)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert html.count("<h1>") == 1
    assert broken_rules(html) == []


def test_an_address_without_a_page_says_whom_to_ask(maria: Client) -> None:
    answer = maria.get("/p/NOWHERE/")
    assert answer.status_code == 404
    assert "no role in" in answer.content.decode()


def test_the_page_for_a_failure_does_not_fail_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(request: object) -> dict[str, object]:
        raise RuntimeError("the navigation is what failed")

    monkeypatch.setattr("pmo.shell.shell", broken)
    request = RequestFactory().get("/p/ATLAS/")
    request.COOKIES["theme"] = "dark"
    answer = server_error(request)
    assert answer.status_code == 500
    assert 'data-theme="dark"' in answer.content.decode()
    assert "stands complete or not at all" in answer.content.decode()


@pytest.mark.parametrize(
    "name",
    ["account_signup", "account_email", "account_email_verification_sent", "account_confirm_login_code"],
)
def test_pages_that_no_account_needs_are_not_there(maria: Client, name: str) -> None:
    assert maria.get(reverse(name)).status_code == 404
    assert maria.post(reverse(name), {"action_add": "", "email": "boss@example.org"}).status_code == 404
    assert maria.get("/accounts/confirm-email/abc/").status_code == 404


def test_nobody_takes_another_address_and_the_database_holds_it() -> None:
    maria = get_user_model().objects.create_user(
        email="maria@example.org", password=PASSWORD, name="Maria Olsen"
    )
    browser = sign_in(Client(), maria)
    for action in ("action_add", "action_primary"):
        browser.post("/accounts/email/", {action: "", "email": "boss@example.org"})
    browser.post("/me/", {"name": "Maria Olsen", "time_zone": "UTC", "email": "boss@example.org"})
    fresh = get_user_model().objects.get(pk=maria.pk)
    assert fresh.email == "maria@example.org"
    fresh.email = "boss@example.org"
    with pytest.raises(ProgrammingError, match="not changed here"), transaction.atomic():
        fresh.save()
    with pytest.raises(ProgrammingError, match="one address"), transaction.atomic():
        EmailAddress.objects.create(user=maria, email="boss@example.org")
    assert EmailAddress.objects.create(user=maria, email="Maria@example.org").pk
