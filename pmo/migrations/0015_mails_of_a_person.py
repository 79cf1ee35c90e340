"""How many invitations and notices of roles a person caused, over all programs: limits count what one program hides."""

from django.db import migrations

RULES = """
create function pmo_folk_mails(person bigint, since timestamptz) returns bigint
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform pg_advisory_xact_lock(hashtext('people.mails'), (person % 2147483648)::int);
  return (select count(*) from pmo_outbox o
           where o.actor_id = person and o.created_at > since and o.topic = 'mail.send'
             and (o.key like 'invitation:%' or o.key like 'role:%'));
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("pmo", "0014_addresses_stay")]

    operations = [migrations.RunSQL(RULES, "drop function pmo_folk_mails(bigint, timestamptz);")]
