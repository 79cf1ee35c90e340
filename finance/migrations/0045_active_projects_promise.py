"""Only an active project takes promises: requests handed over or approved, contracts put in force, orders."""

from django.db import migrations

RULES = """
create function finance_active_projects_promise() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  asked bigint := case tg_table_name when 'finance_capitalrequest' then (to_jsonb(new) ->> 'id')::bigint
                                     else (to_jsonb(new) ->> 'request_id')::bigint end;
  p programs_project;
begin
  -- Shared with other promises, and waits for whoever is just pausing or closing the project.
  select pr.* into p from programs_project pr
    join finance_capitalrequest r on r.project_id = pr.id where r.id = asked for share of pr;
  if p.state <> 'active' then
    raise exception '% %: it takes no new request, contract or order.', p.code,
      case p.state when 'proposed' then 'is not authorised yet' when 'on_hold' then 'is paused'
                   when 'complete' then 'is complete' else 'is cancelled' end
      using errcode = 'PR001';
  end if;
  return null;
end $$;
create trigger e_active_projects_ask after update of state on finance_capitalrequest for each row
  when (old.state is distinct from new.state and (new.state = 'submitted' and old.state = 'draft'))
  execute function finance_active_projects_promise();
create trigger e_active_projects_agree after update of state, value_minor on finance_contract for each row
  when (new.state = 'active' and (old.state <> 'active' or new.value_minor > old.value_minor))
  execute function finance_active_projects_promise();
create trigger e_active_projects_promise after insert on finance_journal for each row
  when (new.kind in ('reserve', 'commitment') and new.request_id is not null)
  execute function finance_active_projects_promise();
"""
UNRULED = "drop function finance_active_projects_promise() cascade;"


class Migration(migrations.Migration):
    dependencies = [
        ("finance", "0044_findings_become_issues"),
        ("programs", "0021_lives_of_projects"),
    ]

    operations = [migrations.RunSQL(RULES, UNRULED)]
