#!/usr/bin/env python3
"""The one entry: `python3 manage.py up` runs the office, `test` tests it, the rest is Django's.

Only the standard library is touched until the project's own environment is there.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036  (said before a newer syntax would fail without a sentence)
    sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])

from pmo import bootstrap

# Commands that touch neither database nor broker, or that look after the servers themselves.
WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "compilemessages",
    "exchange_table",
    "help",
    "level",
    "makemessages",
    "schedule",
    "simulate",
    "spectacular",
    "startapp",
    "up",
    "version",
}


def main(argv: list[str]) -> int:
    """Prepare the environment if it is missing, then run one command."""
    command = argv[1] if len(argv) > 1 else "help"
    testing = command == "test"
    bootstrap.enter(argv, with_tests=testing)
    if testing:
        return bootstrap.run_tests(argv[2:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo.settings")
    os.environ.setdefault("PMO_PROCESS", "command")

    from django.core.management import execute_from_command_line  # only now is Django certain to be there

    alone = command.startswith("-") or command in WITHOUT_SERVERS or bool({"-h", "--help"} & set(argv[2:]))
    if alone or os.environ.get("PMO_NO_EMBEDDED"):
        execute_from_command_line(argv)
        return 0

    from pmo import embedded, embedded_lock

    try:
        with embedded_lock.servers(command):
            execute_from_command_line(argv)
    except embedded.EmbeddedError as refusal:
        sys.exit(f"manage.py {command}: {refusal}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
