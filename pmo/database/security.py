"""Who may do what to which table, and which rows exist for whom: applied by the owner after each migrate.

Idempotent: `manage.py grants` after every migrate; `manage.py verify` compares what is with what is declared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from django.apps import apps

SERVING = ("pmo_app", "pmo_worker")
RELAY = "pmo_relay"
IN_SCOPE = "program_id = any((select pmo_scope())::bigint[])"

HISTORY_WRITERS = """
select distinct p.oid::regproc::text from pg_proc p join pg_trigger t on t.tgfoid = p.oid
 where p.pronamespace = 'public'::regnamespace and p.proname like 'pgtrigger\\_%' order by 1
"""

NEVER_IGNORED = """
create or replace function _pgtrigger_should_ignore(trigger_name name) returns boolean
  language sql immutable as 'select false'
"""

# Tables with a program that are reached before the scope is known, or that only list programs.
UNSCOPED = {"pmo_apitoken_programs"}


@dataclass
class Rights:
    """The declared rights of all apps' tables (see each app's rights.py)."""

    append_only: dict[str, list[str]] = field(default_factory=dict)
    read_only: set[str] = field(default_factory=set)
    delete_allowed: set[str] = field(default_factory=set)


def declared() -> Rights:
    """Read `<app>/rights.py` of our four apps."""
    rights = Rights()
    for app in ("pmo", "programs", "finance", "governance"):
        try:
            module = import_module(f"{app}.rights")
        except ModuleNotFoundError as missing:
            if missing.name != f"{app}.rights":
                raise
            continue
        rights.append_only |= getattr(module, "APPEND_ONLY", {})
        rights.read_only |= set(getattr(module, "READ_ONLY", ()))
        rights.delete_allowed |= set(getattr(module, "DELETE_ALLOWED", ()))
    return rights


def event_tables() -> set[str]:
    """History tables: written by triggers on behalf of the person, never changed."""
    return {
        model._meta.db_table
        for model in apps.get_models()
        if any(base.__module__.startswith("pghistory") for base in model.__mro__[1:])
    }


def _tables(cursor: Any) -> dict[str, set[str]]:
    cursor.execute(
        """select c.relname, coalesce(array_agg(a.attname) filter (where a.attnum > 0), '{}')
             from pg_class c join pg_namespace n on n.oid = c.relnamespace
             left join pg_attribute a on a.attrelid = c.oid and not a.attisdropped
            where n.nspname = 'public' and c.relkind in ('r', 'p') group by c.relname"""
    )
    return {name: set(columns) for name, columns in cursor.fetchall()}


def _policies_there(cursor: Any) -> dict[str, set[str]]:
    """Table -> names of the policies it has."""
    cursor.execute("select tablename, policyname from pg_policies where schemaname = 'public'")
    found: dict[str, set[str]] = {}
    for table, policy in cursor.fetchall():
        found.setdefault(table, set()).add(policy)
    return found


def _privileges(table: str, rights: Rights, events: set[str]) -> list[str]:
    if table == "django_migrations" or table in rights.read_only:
        return ["SELECT"]
    if table in rights.append_only:
        return ["SELECT", f"INSERT ({', '.join(rights.append_only[table])})"]
    if table in events:
        return ["SELECT"]  # written by the triggers, which are the owner's (see statements)
    if table in rights.delete_allowed:
        return ["SELECT", "INSERT", "UPDATE", "DELETE"]
    return ["SELECT", "INSERT", "UPDATE"]


def _policies(table: str, columns: set[str]) -> dict[str, str]:
    """Policy name -> SQL after `on table`."""
    if table in ("programs_program", "programs_programevent"):
        inside = "id = any((select pmo_scope())::bigint[])"
        return {"scope": f"using ({inside}) with check ({inside})"}
    if "program_id" not in columns or table in UNSCOPED:
        return {}
    policies = {"scope": f"using ({IN_SCOPE}) with check ({IN_SCOPE})"}
    if table == "pmo_membership":
        policies["own"] = "for select using (user_id = (select pmo_me()))"
    if table == "pmo_outbox":
        policies["relay"] = f"to {RELAY} using (true) with check (true)"
    return policies


def statements(cursor: Any) -> list[str]:
    """Every statement that brings grants and policies to what is declared, in order."""
    rights, events, tables = declared(), event_tables(), _tables(cursor)
    everyone, there = ", ".join((*SERVING, RELAY)), _policies_there(cursor)
    sql = [
        "revoke all on schema public from public",
        f"grant usage on schema public to {everyone}",
        f"revoke all on all tables in schema public from public, {everyone}",
        f"revoke all on all sequences in schema public from public, {everyone}",
        f"grant usage on all sequences in schema public to {', '.join(SERVING)}",
        "revoke execute on all functions in schema public from public",
        f"grant execute on function pmo_scope(), pmo_me() to {RELAY}",  # its policies ask them
        f"grant execute on all functions in schema public to {', '.join(SERVING)}",
        "revoke execute on function pmo_program_ids() from public, pmo_app",
        "grant execute on function pmo_program_ids() to pmo_worker",
    ]
    # History is written by the owner's hand alone: nobody who serves can make up a row, nor switch the writing off
    # (pghistory's triggers stand aside for whoever sets `pgtrigger.ignore`).
    cursor.execute(HISTORY_WRITERS)
    sql += [
        f"alter function {name}() security definer set search_path = public, pg_temp"
        for (name,) in cursor.fetchall()
    ]
    sql.append(NEVER_IGNORED)
    for table, columns in sorted(tables.items()):
        quoted = f'"{table}"'
        sql.append(
            f"grant {', '.join(_privileges(table, rights, events))} on {quoted} to {', '.join(SERVING)}"
        )
        policies = _policies(table, columns)
        if policies:
            sql.append(f"alter table {quoted} enable row level security")
        for name in sorted(there.get(table, set()) - set(policies)):
            sql.append(f'drop policy "{name}" on {quoted}')
        for name, body in policies.items():
            sql += [f"drop policy if exists {name} on {quoted}", f"create policy {name} on {quoted} {body}"]
    # The relay sees whose turn it is, never what is inside.
    seen = "id, program_id, topic, state, attempts, handed, holder, due, claimed_until"
    sql.append(f"grant select ({seen}) on pmo_outbox to {RELAY}")
    sql.append(f"grant update (state, handed, holder, claimed_until) on pmo_outbox to {RELAY}")
    sql.append(f"grant select on django_migrations to {RELAY}")
    # What only sessions and tokens need: rows that people may truly delete.
    for table in ("django_session", "pmo_apitoken", "pmo_apitoken_programs", "pmo_idempotencykey"):
        sql.append(f"grant delete on {table} to {', '.join(SERVING)}")
    sql += [
        f"grant delete on {name} to {', '.join(SERVING)}"
        for name in tables
        if name.startswith(("mfa_", "account_"))
    ]
    return sql


def apply(cursor: Any) -> None:
    """Bring rights and row security to what is declared. Needs the owner's login, inside a transaction."""
    cursor.execute(";\n".join(statements(cursor)))


def faults(cursor: Any) -> list[str]:
    """What differs from the declaration, in words (for `manage.py verify`)."""
    rights, events, found = declared(), event_tables(), []
    tables = _tables(cursor)
    cursor.execute(
        "select relname from pg_class where relrowsecurity and relnamespace = 'public'::regnamespace"
    )
    secured = {row[0] for row in cursor.fetchall()}
    policies = _policies_there(cursor)
    for table, columns in sorted(tables.items()):
        wanted, there = set(_policies(table, columns)), policies.get(table, set())
        if wanted and table not in secured:
            found.append(f"{table}: row security is off")
        found += [f"{table}: the policy {name} is missing" for name in sorted(wanted - there)]
        found += [f"{table}: the policy {name} is not one of ours" for name in sorted(there - wanted)]
        cursor.execute(
            """select privilege_type from information_schema.table_privileges
                where table_schema = 'public' and table_name = %s and grantee = 'pmo_app'""",
            [table],
        )
        held = {row[0] for row in cursor.fetchall()}
        if "TRUNCATE" in held or "TRIGGER" in held:
            found.append(f"{table}: pmo_app may truncate or alter triggers")
        frozen = table in rights.append_only or table in rights.read_only or table in events
        if frozen and held & {"UPDATE", "DELETE"}:
            found.append(f"{table}: pmo_app may change rows that are append-only")
        if table in events and "INSERT" in held:
            found.append(f"{table}: pmo_app may make up history")
    cursor.execute(
        "select rolname from pg_roles where rolname = any(%s) and (rolsuper or rolbypassrls or rolcreaterole)",
        [[*SERVING, RELAY]],
    )
    found += [f"{row[0]}: has rights that bypass row security" for row in cursor.fetchall()]
    return found
