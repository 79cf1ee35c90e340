"""A credit beyond cost that stood before such were found gets its finding now, not with the next look at the policy."""

from typing import Any

from django.db import migrations
from django.db.models import F
from django.utils import timezone

from pmo.money import format_exact


def backfill(apps: Any, editor: Any) -> None:
    """A finding for each line credited beyond its cost (minor units) that has none open."""
    account, finding = apps.get_model("finance", "Account"), apps.get_model("finance", "PolicyFinding")
    alias = editor.connection.alias
    categories = dict(account._meta.get_field("category").choices)
    natures = dict(account._meta.get_field("nature").choices)
    standing = account.objects.using(alias).filter(
        kind="unfunded", balance__gt=0, currency=F("program__currency")
    )
    now = timezone.now()
    finding.objects.using(alias).bulk_create(
        (
            finding(
                program_id=one.program_id,
                kind="credit_beyond_cost",
                sentence=f"{one.project.code if one.project else one.program.code}, "
                f"{categories[one.category].lower()} ({natures[one.nature].lower()}): "
                f"{format_exact(one.balance, one.currency)} were credited beyond what was spent on this line.",
                project_id=one.project_id,
                category=one.category,
                nature=one.nature,
                amount_minor=one.balance,
                found_at=now,
            )
            for one in standing.select_related("program", "project").order_by("pk")
        ),
        ignore_conflicts=True,  # found already
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0055_known_figures_stay"),
        ("programs", "0025_closed_links"),
    ]

    operations = [migrations.RunPython(backfill, migrations.RunPython.noop)]
