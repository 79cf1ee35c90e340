"""Questions that are about no other record: a title, papers, and two to eight options in words."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned

FEWEST, MOST = 2, 8


class FreeQuestion(ProgramOwned):
    """What is asked, as it was asked: never changed (`sha256` names it); asked differently it is another question."""

    code = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    options = ArrayField(models.CharField(max_length=200), help_text="In their order; the first is option 1.")
    papers = models.TextField(blank=True, help_text="What the body reads before it votes.")
    sha256 = models.CharField(max_length=64)
    asked_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="governance_question_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="governance_question_in_program"),
            models.CheckConstraint(
                name="governance_question_options",
                condition=Q(options__len__gte=FEWEST, options__len__lte=MOST),
            ),
        ]

    def __str__(self) -> str:
        return self.code
