"""The cast of governance's tests."""

import pytest

from pmo.accounts.models import User
from tests.cast import person
from tests.governance.committee import Committee, also_member, make_committee


@pytest.fixture
def committee(db: None) -> Committee:
    """A committee with a funded line, in a transaction that is rolled back."""
    return make_committee()


@pytest.fixture
def otto(committee: Committee) -> User:
    """Otto has a voting role and no seat: whom a member can name."""
    made = person("Otto Other")
    also_member(committee, made, seated=False)
    return made
