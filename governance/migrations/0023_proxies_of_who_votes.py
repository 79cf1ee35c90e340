"""A proxy counts only while who gave it could vote: by a role in force on that day, with an account that can sign in."""

from django.db import migrations

# governance_proxy_of stays what was given, as `verify` asks it of past votes; who may vote by it now is asked here.
HELD = """
create function governance_votes_at(person bigint, program bigint, moment timestamptz) returns boolean
  language sql stable set search_path = public, pg_temp as $$
  select governance_may_vote(governance_votes_at.person, g.id, (moment at time zone g.time_zone)::date)
    from programs_program g where g.id = governance_votes_at.program
$$;

create function governance_proxy_held(seat bigint, decision bigint, moment timestamptz) returns bigint
  language sql stable set search_path = public, pg_temp as $$
  select governance_proxy_of(s.id, governance_proxy_held.decision, moment)
    from governance_seat s
   where s.id = governance_proxy_held.seat and governance_votes_at(s.person_id, s.program_id, moment)
$$;
"""
HELD_NOT = """
drop function governance_proxy_held(bigint, bigint, timestamptz);
drop function governance_votes_at(bigint, bigint, timestamptz);
"""
REWRITE = """
do $do$
declare
  body text := pg_get_functiondef('governance_by_proxy(governance_elector, bigint, timestamptz)'::regprocedure);
begin
  if position(%(was)s in body) = 0 then
    raise exception 'governance_by_proxy is not as this migration knows it';
  end if;
  execute replace(body, %(was)s, %(is)s);
end $do$;
"""
WAS = """    return false;
  end if;
  select d.number, coalesce("""
IS = """    return false;
  end if;
  if governance_proxy_held(elector.seat_id, elector.decision_id, moment) is null then
    raise exception 'This proxy does not count: who gave it has no right to vote any more.' using errcode = 'PR001';
  end if;
  select d.number, coalesce("""


def rewritten(was: str, now: str) -> str:
    """The function with one passage put in the place of another."""
    return REWRITE % {"was": f"$was${was}$was$", "is": f"$is${now}$is$"}


class Migration(migrations.Migration):
    dependencies = [("governance", "0022_silence_has_time")]
    operations = [
        migrations.RunSQL(HELD, HELD_NOT),
        migrations.RunSQL(rewritten(WAS, IS), rewritten(IS, WAS)),
    ]
