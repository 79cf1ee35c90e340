"""A closed period stays closed: no statement of those who serve opens it again or moves its days."""

from django.db import migrations

FORWARD = """
create function finance_period_stays_closed() returns trigger language plpgsql as $$
begin
  if old.state = 'closed' and new is distinct from old then
    raise exception 'Period % is closed and stays as it is.', old.code using errcode = 'PR002';
  end if;
  return new;
end $$;
create trigger finance_period_stays_closed before update on finance_fiscalperiod
  for each row execute function finance_period_stays_closed();
"""
BACKWARD = """
drop trigger finance_period_stays_closed on finance_fiscalperiod;
drop function finance_period_stays_closed();
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0005_one_finding")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
