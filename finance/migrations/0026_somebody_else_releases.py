"""Who ordered does not release what does not match: held by the database, as who ordered does not receive (0018)."""

from django.db import migrations

SOMEBODY_ELSE = """
create function finance_somebody_else_releases() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from finance_purchaseorder where id = new.order_id and ordered_by_id = new.released_by_id;
  if found then
    raise exception 'Who ordered does not release what does not match: somebody else looks at it.'
      using errcode = 'PR001';
  end if;
  return new;
end $$;
create trigger finance_somebody_else_releases before insert or update of released_by_id on finance_invoice
  for each row when (new.released_by_id is not null) execute function finance_somebody_else_releases();
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0025_waivers_have_a_reach")]

    operations = [
        migrations.RunSQL(SOMEBODY_ELSE, "drop function finance_somebody_else_releases() cascade"),
    ]
