-- The four logins of the office, in any PostgreSQL 18. Run by a superuser; running it again changes nothing.
-- The embedded server runs it by itself; docker-compose runs it when its volume is new; elsewhere an
-- administrator does (passwords are set separately: ALTER ROLE pmo_app PASSWORD '...').
--   pmo_owner   owns the database; used by migrate, grants, verify, backups; no page is ever served with it
--   pmo_app     web: only what `manage.py grants` gives it
--   pmo_worker  background work: the same rights, longer time-outs
--   pmo_relay   reads and claims the outbox across programs, nothing else
DO $$
DECLARE
  login text;
BEGIN
  FOREACH login IN ARRAY ARRAY['pmo_owner', 'pmo_app', 'pmo_worker', 'pmo_relay'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
      EXECUTE format('CREATE ROLE %I', login);
    END IF;
    EXECUTE format('ALTER ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION', login);
    EXECUTE format('ALTER ROLE %I SET timezone = ''UTC''', login);
    EXECUTE format('ALTER ROLE %I SET row_security = on', login);
  END LOOP;
END $$;

ALTER ROLE pmo_app SET statement_timeout = '10s';
ALTER ROLE pmo_app SET lock_timeout = '3s';
ALTER ROLE pmo_app SET idle_in_transaction_session_timeout = '15s';

ALTER ROLE pmo_worker SET statement_timeout = '10min';
ALTER ROLE pmo_worker SET lock_timeout = '10s';
ALTER ROLE pmo_worker SET idle_in_transaction_session_timeout = '10min';

ALTER ROLE pmo_relay SET statement_timeout = '10s';
ALTER ROLE pmo_relay SET lock_timeout = '3s';
ALTER ROLE pmo_relay SET idle_in_transaction_session_timeout = '15s';
