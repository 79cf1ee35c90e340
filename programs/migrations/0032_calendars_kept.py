"""A calendar by which nothing works may go: the keys of what names it hold it as long as anything does."""

from django.db import migrations

RULES = "drop trigger a_only_taken_back on programs_calendar"
UNRULED = """
create trigger a_only_taken_back after delete on programs_calendar referencing old table as gone
  for each statement execute function programs_only_taken_back('id', 'programs_calendar')"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0031_resources_kept")]
    operations = [migrations.RunSQL(RULES, UNRULED)]
