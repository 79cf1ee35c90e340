"""A proxy asks for its giver's role by the day that roles have everywhere (UTC): a role that ended gives nothing at once."""

from django.db import migrations

DAY = """
create or replace function governance_votes_at(person bigint, program bigint, moment timestamptz) returns boolean
  language sql stable set search_path = public, pg_temp as $$
  select governance_may_vote(governance_votes_at.person, governance_votes_at.program, (moment at time zone 'UTC')::date)
$$;
"""
WAS = """
create or replace function governance_votes_at(person bigint, program bigint, moment timestamptz) returns boolean
  language sql stable set search_path = public, pg_temp as $$
  select governance_may_vote(governance_votes_at.person, g.id, (moment at time zone g.time_zone)::date)
    from programs_program g where g.id = governance_votes_at.program
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0023_proxies_of_who_votes")]
    operations = [migrations.RunSQL(DAY, WAS)]
