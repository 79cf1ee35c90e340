"""State machines on a real database that cost little: each example begins at one savepoint and is rolled back to it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from finance import verify
from tests.finance.office import Office

EXAMPLES = 500
"""Of each machine in each run: what was asked for. They are the same each time, unless PMO_LONG is set."""


class Rewound(RuleBasedStateMachine):
    """An example on the office as the test made it; at its end the books are verified, then all of it is undone.

    Without the savepoint five hundred examples leave five hundred projects behind, and each check reads them all.
    """

    office: ClassVar[Office]
    refused: ClassVar[dict[str, int]]
    done: ClassVar[dict[str, int]]

    def __init__(self) -> None:
        super().__init__()
        self.start = transaction.savepoint()

    def note(self, deed: str, made: bool) -> None:
        """Count what was done and what was refused: a run that never gets anything done proves nothing."""
        counted = self.done if made else self.refused
        counted[deed] = counted.get(deed, 0) + 1

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows as everybody of the program may see them; one round trip, without a transaction of its own."""
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('app.programs', %s, true);" + query,
                [f"{{{self.office.program.pk}}}", *values],
            )
            return cursor.fetchall()

    def at_the_end(self) -> None:
        """What else has to hold when an example is over."""

    def teardown(self) -> None:
        try:
            self.at_the_end()
            self.ask("select 1")
            with connection.cursor() as cursor:
                assert verify.check(cursor) == []
        finally:
            transaction.savepoint_rollback(self.start)


def run(machine: type[Rewound], steps: int, **given: Any) -> type[Rewound]:
    """Five hundred examples of up to so many steps; returns the class, on which what was done is counted."""
    this: type[Rewound] = type(f"This{machine.__name__}", (machine,), {"refused": {}, "done": {}, **given})
    run_state_machine_as_test(
        this,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    return this
