"""The plan of a closed project stays as it is in its links and assignments too, and nothing is moved out of it."""

from __future__ import annotations

from django.db import migrations

TABLES = {
    # Of a link only the successor's project: the dates of its predecessor do not follow from it.
    "programs_activity": "t.project_id",
    "programs_dependency": "(select a.project_id from programs_activity a where a.id = t.successor_id)",
    "programs_assignment": "(select a.project_id from programs_activity a where a.id = t.activity_id)",
}


def held(table: str, project: str) -> str:
    """After each statement: a row that is, or was, of a closed project refuses it; nothing is read while none is closed."""
    functions = "".join(
        f"""
create function {table}_closed_{suffix}() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  closed text;
begin
  if exists (select 1 from programs_project where state in ('complete', 'cancelled')) then
    select p.code into closed
      from ({rows}) c (project_id)
      join programs_project p on p.id = c.project_id and p.state in ('complete', 'cancelled') limit 1;
    if closed is not null then
      raise exception '% is closed: its plan stays as it is.', closed using errcode = 'PR001';
    end if;
  end if;
  return null;
end $$;
"""  # noqa: S608 - names of our own
        for suffix, rows in (
            ("rows", f"select {project} from touched t"),  # noqa: S608
            (
                "both",
                f"select {project} from touched t union all select {project} from former t",  # noqa: S608
            ),
        )
    )
    return f"""{functions}
create trigger e_closed_stays_i after insert on {table} referencing new table as touched
  for each statement execute function {table}_closed_rows();
create trigger e_closed_stays_u after update on {table} referencing new table as touched old table as former
  for each statement execute function {table}_closed_both();
create trigger e_closed_stays_d after delete on {table} referencing old table as touched
  for each statement execute function {table}_closed_rows();
"""


RULES = "drop function programs_closed_plans_stay() cascade;" + "".join(
    held(table, project) for table, project in TABLES.items()
)
FORMER = """
create function programs_closed_plans_stay() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  closed text;
begin
  select p.code into closed from programs_project p
   where p.state in ('complete', 'cancelled') and p.id in (select project_id from touched) limit 1;
  if closed is not null then
    raise exception '% is closed: its plan stays as it is.', closed using errcode = 'PR001';
  end if;
  return null;
end $$;
create trigger e_closed_stays_i after insert on programs_activity referencing new table as touched
  for each statement execute function programs_closed_plans_stay();
create trigger e_closed_stays_u after update on programs_activity referencing new table as touched
  for each statement execute function programs_closed_plans_stay();
create trigger e_closed_stays_d after delete on programs_activity referencing old table as touched
  for each statement execute function programs_closed_plans_stay();
"""
UNRULED = (
    "".join(
        f"drop function {table}_closed_{suffix}() cascade;" for table in TABLES for suffix in ("rows", "both")
    )
    + FORMER
)


class Migration(migrations.Migration):
    dependencies = [("programs", "0024_deliverables_withdrawn")]

    operations = [migrations.RunSQL(RULES, UNRULED)]
