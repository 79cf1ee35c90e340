"""Where the real data lies: beside the checkout, never inside it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"


def shared(name: str) -> Path:
    """The path of a real data set under `../shared/data`; skips the test, saying why, where it is absent."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"real data is not beside this checkout: ../shared/data/{name}")
    return path
