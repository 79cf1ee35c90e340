"""The cast of governance's tests."""

import pytest

from tests.governance.committee import Committee, make_committee


@pytest.fixture
def committee(db: None) -> Committee:
    """A committee with a funded line, in a transaction that is rolled back."""
    return make_committee()
