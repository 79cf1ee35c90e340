"""A project of the example that was paused for a while, and why it goes on."""

from __future__ import annotations

from governance.example.people import Cast
from pmo import commands
from programs.lives import services
from programs.portfolio.models import Project

STEPS = (
    ("pause", "The training rooms were given to another program until its move is done."),
    ("resume", "The rooms are back, and the trainers of the vendor are booked again."),
)


def pause_and_resume(cast: Cast, project: Project) -> None:
    """By the program's manager, step by step."""
    version = project.version
    for deed, reason in STEPS:
        moved: Project = commands.run(
            services.move, actor=cast["manager"], project=project, version=version, deed=deed, reason=reason
        )
        version = moved.version
