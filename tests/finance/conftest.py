"""The cast of finance's tests."""

import pytest

from tests.finance.office import Office, open_office


@pytest.fixture
def office(db: None) -> Office:
    """A program of two projects with its people, in a transaction that is rolled back."""
    return open_office()
