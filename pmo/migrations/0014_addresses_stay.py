"""What one signs in with is changed by the owner alone, never by a page, and allauth keeps no second address."""

from django.db import migrations

RULES = """
create function pmo_address_stays() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  if current_user in ('pmo_app', 'pmo_worker') then
    raise exception 'The address of an account is not changed here.' using errcode = '42501';
  end if;
  return new;
end $$;
create trigger a_address before update of email on pmo_user for each row
  when (old.email is distinct from new.email) execute function pmo_address_stays();

create function pmo_address_is_the_accounts() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from pmo_user u where u.id = new.user_id and u.email = lower(new.email)) then
    raise exception 'An account has one address: the one that was invited.' using errcode = '42501';
  end if;
  return new;
end $$;
delete from account_emailaddress a using pmo_user u where u.id = a.user_id and u.email <> lower(a.email);
create trigger a_address before insert or update on account_emailaddress for each row
  execute function pmo_address_is_the_accounts();
"""
UNRULED = """
drop function pmo_address_is_the_accounts() cascade;
drop function pmo_address_stays() cascade;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("pmo", "0013_people_leave"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunSQL(RULES, UNRULED)]
