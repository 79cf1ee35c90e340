"""What an order that is over took of its contract is what was not given back when it ended; later invoices are facts.

Until now an order that was closed took what had been received or invoiced of it, whenever that was. A late invoice could
so bring a contract beyond its value after the freed part was ordered again: nothing of it could be accepted, released
or closed any more, and `verify` found a fault that nobody had made. And one that was cancelled took nothing, to the
minor unit of another rounding than that of the books.
"""

from django.db import migrations

ORDERED = """
create or replace function finance_contract_ordered(contract bigint) returns bigint
  language sql stable set search_path = public, pg_temp as $$
  select coalesce(sum(o.amount_minor - coalesce((
           select sum(p.amount) from finance_journal j join finance_posting p on p.journal_id = j.id and p.amount > 0
            where j.program_id = o.program_id and j.source_kind = 'purchase_order' and j.source_id = o.id::text
              and j.kind = 'release'), 0)), 0)::bigint
    from finance_purchaseorder o where o.contract_id = contract
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("finance", "0046_adherence_by_activity")]

    operations = [migrations.RunSQL(ORDERED, migrations.RunSQL.noop)]
