"""What the request costs that adds an edit to a change request of 50 edits, its figures included; no simulation.

    python -m benchmarks.change_request [--activities 5000] [--edits 50] [--rounds 9]

One edit is sent to the API again and again with another duration; each answer holds the figures of all edits: dates,
milestones, critical path, overload, gates, interfaces, cost. CPU of ours and of PostgreSQL, medians; 300 ms are asked.
"""

from __future__ import annotations

import argparse
import itertools
from typing import Any

from benchmarks.pages import Measured, machine, measure, table

MOST_CPU = 300.0  # milliseconds


def proposed(program: Any, who: Any, count: int) -> tuple[Any, list[int]]:
    """A change request of the first project with `count` edits anywhere in the plan, and the activities they are of."""
    from django.db import transaction
    from django.utils import timezone

    from pmo import commands
    from programs.changes import services as changes
    from programs.portfolio.models import Project
    from programs.schedule.models import Activity
    from tests.cast import everything

    with transaction.atomic(), everything(program):
        project = Project.objects.filter(program=program).order_by("position")[0]
        found = Activity.objects.filter(program=program, kind="task", percent_complete=0).order_by("pk")
        rows = list(found.values_list("pk", "duration_minutes"))
    chosen = rows[:: max(1, len(rows) // count)][:count]
    request = commands.run(
        changes.create, actor=who, program=program, project=project, title=f"Benchmark {timezone.now():%d %H%M%S}",
        reason="It is measured.",
    )  # fmt: skip
    edits = [
        {"do": "change", "activity": pk, "to": {"duration_minutes": minutes + 480}} for pk, minutes in chosen
    ]
    commands.run(changes.propose_all, actor=who, change_request=request, version=request.version, edits=edits)
    return request, [pk for pk, _ in chosen]


def run(given: argparse.Namespace) -> None:
    """One plan, one request, one edit changed in turns."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client

    from benchmarks import page_data
    from pmo.database import migrating

    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
    migrating.migrate()
    call_command("grants", verbosity=0)
    ((label, program, who),) = page_data.prepare([str(given.activities)])
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum analyze")
    request, activities = proposed(program, who, given.edits)
    client = Client(headers={"host": "localhost"})
    client.force_login(who)
    url = f"/api/v1/programs/{program.code}/change-requests/{request.pk}/"
    state = {"version": client.get(url).json()["version"]}
    longer = itertools.cycle((960, 1440, 1920))

    def ask() -> Any:
        body = {
            "do": "change",
            "activity": activities[-1],
            "version": state["version"],
            "to": {"duration_minutes": next(longer)},
        }
        answer = client.post(f"{url}edits/", body, content_type="application/json")
        if answer.status_code != 200:
            raise SystemExit(answer.content.decode())
        state["version"] = answer.json()["version"]
        return answer

    fixed = Measured("(reference: /bench/fixed/)", lambda: client.get("/bench/fixed/"))
    rows = Measured("(reference: /bench/rows/)", lambda: client.get("/bench/rows/"))
    edit = Measured(f"an edit beside {given.edits - 1} others", ask, most_queries=10**6, most_cpu=MOST_CPU)
    measure([fixed, rows, edit], given.rounds)
    print(f"### {label}: {page_data.size(program)}\n{machine()}\n")
    print("\n".join(table([fixed, rows, edit], fixed, rows)))


def main() -> None:
    """Servers of its own, then everything."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--activities", type=int, default=5_000)
    options.add_argument("--edits", type=int, default=50)
    options.add_argument("--rounds", type=int, default=9)
    given = options.parse_args()
    from pmo import embedded_lock  # only now is the state directory named

    with embedded_lock.servers("benchmarks.change_request"):
        run(given)


if __name__ == "__main__":
    main()
