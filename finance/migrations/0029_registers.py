"""Indexes under the registers: what is rare is found at once, whatever is asked."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0028_by_day_and_from_the_index"),
        ("pmo", "0005_what_a_report_is_about"),
        ("programs", "0011_calendar_feeds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="journal",
            name="finance_journal_grants",
        ),
        migrations.AddIndex(
            model_name="actualline",
            index=models.Index(fields=["program", "vendor", "id"], name="finance_actualline_by_vendor"),
        ),
        migrations.AddIndex(
            model_name="actualline",
            index=models.Index(
                fields=["program", "category", "nature", "project", "id"], name="finance_actualline_by_place"
            ),
        ),
        migrations.AddIndex(
            model_name="journal",
            index=models.Index(
                condition=models.Q(("kind__in", ["grant", "transfer", "reversal"])),
                fields=["program", "kind", "recorded_at"],
                name="finance_journal_granted",
            ),
        ),
    ]
