"""A vote needs a person who has just proved who it is, by the database's word too; early closing is worked out at once."""

from django.db import migrations

# Whatever the seats that have not voted may still do lies between three ends: they all stay away, all approve, all
# reject. Further approvals never turn an approval into something else, nor rejections a rejection; a ballot lapses
# after further votes only if it would lapse without them. `governance.decisions.tally.settled` says the same.
SETTLED = """
create or replace function governance_settled(
  rule text, approve int, reject int, abstain int, missing int, chair text, chair_can_vote boolean, quorum int)
  returns boolean language sql immutable set search_path = public, pg_temp as $$
  select 1 = count(distinct governance_outcome(rule, approve + more.yes, reject + more.no, abstain, more.chair, quorum))
    from (values (0, 0, governance_settled.chair),
                 (missing, 0, case when chair_can_vote then 'approve' else governance_settled.chair end),
                 (0, missing, case when chair_can_vote then 'reject' else governance_settled.chair end))
         as more (yes, no, chair)
$$;
"""
SETTLED_BEFORE = """
create or replace function governance_settled(
  rule text, approve int, reject int, abstain int, missing int, chair text, chair_can_vote boolean, quorum int)
  returns boolean language sql immutable set search_path = public, pg_temp as $$
  select count(distinct governance_outcome(rule, approve + a, reject + r, abstain + n, c.chair, quorum)) = 1
    from generate_series(0, missing) a, generate_series(0, missing - a) r, generate_series(0, missing - a - r) n
   cross join lateral (
      select governance_settled.chair where not chair_can_vote
      union all select 'approve' where chair_can_vote and a > 0
      union all select 'reject' where chair_can_vote and r > 0
      union all select 'abstain' where chair_can_vote and n > 0
      union all select '' where chair_can_vote and a + r + n < missing) c
$$;
"""

# Fires after a_guard, which sets the vote's time by the database's clock. A web server's clock may run a minute ahead.
FRESH = """
create function governance_fresh_for() returns interval language sql immutable as $$ select interval '10 minutes' $$;

create function governance_vote_is_fresh() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if new.auth_at is null or new.auth_at < new.at - governance_fresh_for()
     or new.auth_at > new.at + interval '1 minute' then
    raise exception 'Only who has just proved to be the person votes. Enter your password once more.'
      using errcode = 'PR001';
  end if;
  return new;
end $$;
create trigger b_fresh before insert on governance_vote
  for each row execute function governance_vote_is_fresh();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0004_fresh_votes")]

    operations = [
        migrations.RunSQL(SETTLED, SETTLED_BEFORE),
        migrations.RunSQL(
            FRESH, "drop function governance_vote_is_fresh() cascade; drop function governance_fresh_for()"
        ),
    ]
