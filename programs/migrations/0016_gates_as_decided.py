"""A gate says what was asked for and voted on, keeps its place among others, and what was shown for it stays with it.

The functions of 0013, whole again, with these rules added.
"""

from django.db import migrations

RULES = """
create or replace function programs_gate_rules() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' and (new.state <> 'open' or new.outcome <> '') then
    raise exception 'A gate begins in preparation.' using errcode = 'PR001';
  end if;
  if tg_op = 'UPDATE' then
    if old.state in ('passed', 'stopped') then
      raise exception '% is decided: it stays as it is.', old.code using errcode = 'PR001';
    end if;
    if new.project_id <> old.project_id or new.program_id <> old.program_id then
      raise exception 'A gate stays with its project.' using errcode = 'PR001';
    end if;
    if new.state in ('passed', 'stopped') and old.state <> 'submitted' then
      raise exception 'A gate is decided after it was put forward.' using errcode = 'PR001';
    end if;
    if old.state = 'submitted' and new.state <> 'open'
       and ((new.code, new.name, new.position, new.activity_id, new.due_on, new.revision, new.asked)
            is distinct from
            (old.code, old.name, old.position, old.activity_id, old.due_on, old.revision, old.asked)
            or (new.conditions <> old.conditions and (new.state <> 'passed' or old.conditions <> ''))) then
      raise exception '% is put forward for a decision: take it back before you change it.', old.code
        using errcode = 'PR001';
    end if;
    perform pg_advisory_xact_lock(hashtext('programs.gate'), new.project_id::int);
    if new.state = 'passed' and exists (select 1 from programs_gate g where g.project_id = new.project_id
          and g.position < new.position and g.state <> 'passed') then
      raise exception 'A gate before % has not passed: gates are passed in their order.', new.code
        using errcode = 'PR001';
    end if;
    if new.state in ('passed', 'stopped')
       or (new.outcome, new.warrant_id, new.decided_at)
          is distinct from (old.outcome, old.warrant_id, old.decided_at) then
      if old.state <> 'submitted' or not (case old.asked
           when 'proceed' then new.state = 'passed' and new.outcome in ('proceed', 'proceed_with_conditions')
           when 'proceed_with_conditions' then new.state = 'passed' and new.outcome = 'proceed_with_conditions'
           when 'rework' then new.state = 'open' and new.outcome = 'rework'
           when 'stop' then new.state = 'stopped' and new.outcome = 'stop'
           else false end) then
        raise exception '% is decided by what was asked for, and by nothing else.', old.code
          using errcode = 'PR001';
      end if;
      -- One decision decides once: the history knows every warrant that this gate had.
      if new.warrant_id is not distinct from old.warrant_id or exists (select 1 from programs_gateevent e
            where e.pgh_obj_id = new.id and e.warrant_id = new.warrant_id) then
        raise exception '% was not decided by a decision of its own.', old.code using errcode = 'PR001';
      end if;
    end if;
    if new.position <> old.position and exists (select 1 from programs_gate g
          where g.project_id = new.project_id and g.id <> new.id
            and g.position > least(old.position, new.position)
            and g.position < greatest(old.position, new.position)) then
      raise exception '% would be moved over another gate: their order stays as it was planned.', old.code
        using errcode = 'PR001';
    end if;
  else
    perform pg_advisory_xact_lock(hashtext('programs.gate'), new.project_id::int);
  end if;
  if new.state <> 'passed' and exists (select 1 from programs_gate g where g.project_id = new.project_id
        and g.position > new.position and g.state = 'passed') then
    raise exception 'A later gate of this project has passed: % would come too late.', new.code
      using errcode = 'PR001';
  end if;
  if new.state = 'passed' and new.outcome = 'proceed' and exists (select 1 from programs_gatecriterion c
        where c.gate_id = new.id and c.mandatory and c.state not in ('met', 'not_applicable')) then
    raise exception 'A mandatory criterion of % is not met: it passes with conditions only.', new.code
      using errcode = 'PR001';
  end if;
  return new;
end $$;

create or replace function programs_gate_parts() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  g programs_gate;
  row_ record;
begin
  if tg_op = 'DELETE' then row_ := old; else row_ := new; end if;
  if tg_op = 'UPDATE' then
    if new.gate_id <> old.gate_id then
      raise exception 'What was written for a gate stays with it.' using errcode = 'PR001';
    end if;
    if tg_table_name = 'programs_gatereviewer' and new is distinct from old then
      raise exception 'A reviewer is named or released, not exchanged.' using errcode = 'PR001';
    end if;
  end if;
  select * into g from programs_gate where id = row_.gate_id for share;
  if found and g.state <> 'open' then
    raise exception '% is put forward or decided: what was shown for it stays as it is.', g.code
      using errcode = 'PR001';
  end if;
  if tg_op = 'DELETE' then
    if tg_table_name = 'programs_gatereviewer' and exists (
        select 1 from (select o.revision, o.opinion from programs_gateopinion o
                        where o.gate_id = old.gate_id and o.person_id = old.person_id
                        order by o.id desc limit 1) said
         where said.revision = g.revision or said.opinion = 'not_ready') then
      raise exception
        'Who has said whether the gate is ready stays its reviewer: what was said is shown to who decides.'
        using errcode = 'PR001';
    end if;
    return old;
  end if;
  if tg_table_name = 'programs_gatecriterion' then
    if new.assessed_by_id is not null and exists (select 1 from programs_gatereviewer r
          where r.gate_id = new.gate_id and r.person_id = new.assessed_by_id) then
      raise exception 'Who reviews a gate does not assess its criteria.' using errcode = 'PR001';
    end if;
    if new.state = 'open' and (new.evidence, new.link) is distinct from
       (case when tg_op = 'UPDATE' then old.evidence else '' end,
        case when tg_op = 'UPDATE' then old.link else '' end) then
      raise exception 'Evidence goes with what somebody says of the criterion.' using errcode = 'PR001';
    end if;
  elsif tg_table_name = 'programs_gatereviewer' then
    if exists (select 1 from programs_gatecriterion c
          where c.gate_id = new.gate_id and c.assessed_by_id = new.person_id)
       or exists (select 1 from programs_gatecriterionevent e
          where e.gate_id = new.gate_id and e.assessed_by_id = new.person_id) then
      raise exception 'Who assessed criteria of a gate does not review it.' using errcode = 'PR001';
    end if;
  else
    if new.revision <> g.revision then
      raise exception 'The gate was changed after you opened it: read it again first.' using errcode = 'PR002';
    end if;
    if not exists (select 1 from programs_gatereviewer r
          where r.gate_id = new.gate_id and r.person_id = new.person_id) then
      raise exception 'Only the reviewers named for this gate say whether it is ready.' using errcode = 'PR001';
    end if;
  end if;
  return new;
end $$;
drop trigger a_gate_parts on programs_gatereviewer;
create trigger a_gate_parts before insert or update or delete on programs_gatereviewer
  for each row execute function programs_gate_parts();
"""


class Migration(migrations.Migration):
    dependencies = [("programs", "0015_what_was_accepted_and_closed")]

    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
