"""The table of the cache that counts: limits of signing in (as `createcachetable` makes it)."""

from django.db import migrations

FORWARD = """
create table pmo_cache (
  cache_key varchar(255) primary key,
  value text not null,
  expires timestamptz not null
);
create index pmo_cache_expires on pmo_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("pmo", "0003_scope")]
    operations = [migrations.RunSQL(FORWARD, "drop table pmo_cache")]
