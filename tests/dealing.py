"""How the tests are dealt to the processes: a file stays whole, the browser's office stays with one process.

Whole files, since what is dear to set up (two offices, the insurer's program) is set up once a module. Not by
xdist's own `loadgroup`: it writes the group into a name that pytest 9 no longer reads, so each process built
an office of its own.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

LONGEST = (
    "tests/browser/",
    "tests/test_routes.py",
    "tests/test_api_schema.py",
    "tests/pmo/test_api_generated.py",
    "tests/test_page_costs.py",
    "tests/test_advisories.py",
    "tests/programs/engine/test_reference.py",
    "tests/finance/test_procurement_machine.py",
    "tests/programs/exchange/test_acceptance_command.py",
    "tests/pmo/outbox/test_faults.py",
    "tests/finance/test_ledger_machine.py",
    "tests/governance/test_change_machine.py",
)
"""Dealt first, so that no process is left with one of them when the other has nothing to do."""


class ByRoom(LoadFileScheduling):
    """Deals whole files, `tests/browser` as if it were one."""

    def _split_scope(self, nodeid: str) -> str:
        room = nodeid.split("::", 1)[0]
        return LONGEST[0] if room.startswith(LONGEST[0]) else room


@pytest.hookimpl(optionalhook=True)  # absent under `-p no:xdist`
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByRoom:
    """In place of the scheduler that `--dist` names."""
    config.option.loadscopereorder = False
    return ByRoom(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; otherwise as collected."""
    items.sort(key=lambda item: next((k for k, s in enumerate(LONGEST) if item.nodeid.startswith(s)), 99))
