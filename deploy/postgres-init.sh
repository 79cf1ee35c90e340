#!/bin/bash
# Run by the postgres image once, when its volume is new: the four logins, their passwords, the database.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -U postgres -d postgres -f /deploy/roles.sql
psql -v ON_ERROR_STOP=1 -U postgres -d postgres \
  -v owner="$PMO_OWNER_PASSWORD" -v app="$PMO_APP_PASSWORD" \
  -v worker="$PMO_WORKER_PASSWORD" -v relay="$PMO_RELAY_PASSWORD" <<'SQL'
ALTER ROLE pmo_owner PASSWORD :'owner';
ALTER ROLE pmo_app PASSWORD :'app';
ALTER ROLE pmo_worker PASSWORD :'worker';
ALTER ROLE pmo_relay PASSWORD :'relay';
CREATE DATABASE pmo OWNER pmo_owner;
REVOKE ALL ON DATABASE pmo FROM PUBLIC;
GRANT CONNECT ON DATABASE pmo TO pmo_app, pmo_worker, pmo_relay;
SQL
