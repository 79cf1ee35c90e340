"""Assessments of earlier status dates say that they were made afterwards."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("programs", "0005_plan_formats"),
    ]

    operations = [
        migrations.AddField(
            model_name="healthassessment",
            name="from_progress",
            field=models.BooleanField(
                default=False,
                help_text="Of a status date, assessed afterwards with its progress and the links of today.",
            ),
        ),
    ]
