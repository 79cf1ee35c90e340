"""Who requested an approval, or had no vote on it, does not say that its condition is met."""

from __future__ import annotations

from django.db import migrations

BEFORE = """
create or replace function governance_condition_kept() returns trigger
  language plpgsql %(rights)s set search_path = public, pg_temp as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'A condition is never removed.' using errcode = 'PR001';
  end if;
  if (old.program_id, old.decision_id, old.n, old.text, old.owner_id, old.due_on)
     is distinct from (new.program_id, new.decision_id, new.n, new.text, new.owner_id, new.due_on) then
    raise exception 'What a condition says, who sees to it and by when is never changed.' using errcode = 'PR001';
  end if;
  if old.state = 'met' or (old.state = 'unmet' and new.state = 'open') then
    raise exception 'This condition is %% already.', old.state using errcode = 'PR001';
  end if;
%(more)s  return new;
end $$;
"""
NEUTRAL = """\
  if exists (select 1 from governance_decision d
              where d.id = new.decision_id and d.requested_by_id = new.settled_by_id)
     or exists (select 1 from governance_elector e
                 where e.decision_id = new.decision_id and e.person_id = new.settled_by_id and e.recused) then
    raise exception 'Who requested it, or had no vote on it, does not say that its condition is met.'
      using errcode = 'PR001';
  end if;
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0015_conditions")]
    operations = [
        migrations.RunSQL(
            BEFORE % {"rights": "security definer", "more": NEUTRAL},
            BEFORE % {"rights": "security invoker", "more": ""},
        )
    ]
