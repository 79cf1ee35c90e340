"""Every address of the office, and who may do what there: the one table that the route tests are made of.

A route that is not declared here fails the suite (`tests/test_routes.py`). `MAY` says for each right which roles of
the fixed cast hold it, in words of its own: a change of the grants in `pmo/accounts/roles.py` must be made twice.
"""

from __future__ import annotations

from tests.routes import finance_api, finance_pages, governance, office, programs_api, programs_pages
from tests.routes.kinds import Route

PAGES: dict[str, Route] = office.PAGES | programs_pages.PAGES | finance_pages.PAGES | governance.PAGES
# allauth's own pages: about the person alone, nothing of a program; tested in tests/pmo/test_account_pages.py.
ACCOUNTS = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate",
    "account_email", "account_email_verification_sent", "account_change_password", "account_set_password",
    "account_reset_password", "account_confirm_login_code", "account_confirm_email",
    "account_reset_password_from_key_done", "account_reset_password_from_key", "account_reset_password_done",
    "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
}  # fmt: skip
API: dict[str, Route] = office.API | programs_api.API | finance_api.API | governance.API
ROUTES = PAGES | API
