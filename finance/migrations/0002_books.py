"""The database keeps the books: whole journals, followed balances, open periods, nothing changed, nothing across programs."""

from django.db import migrations

PROJECT = ("programs_project", "program_id, id")
WARRANT = ("pmo_warrant", "program_id, id")
PERIOD = ("finance_fiscalperiod", "program_id, id")

# table, name, its columns, (target, target's columns), what follows when the target goes
KEYS = [
    ("finance_budget", "project", "program_id, project_id", PROJECT, ""),
    ("finance_budget", "warrant", "program_id, warrant_id", WARRANT, ""),
    ("finance_budgetline", "budget", "program_id, budget_id", ("finance_budget", "program_id, id"), ""),
    ("finance_budgetline", "period", "program_id, period_id", PERIOD, ""),
    ("finance_account", "project", "program_id, project_id", PROJECT, ""),
    ("finance_journal", "period", "program_id, period_id", PERIOD, ""),
    ("finance_journal", "warrant", "program_id, warrant_id", WARRANT, ""),
    (
        "finance_journal",
        "reverses",
        "reverses_id, program_id, currency",
        ("finance_journal", "id, program_id, currency"),
        "",
    ),
    (
        "finance_posting",
        "journal",
        "journal_id, program_id, currency",
        ("finance_journal", "id, program_id, currency"),
        "",
    ),
    (
        "finance_posting",
        "account",
        "account_id, program_id, currency",
        ("finance_account", "id, program_id, currency"),
        "",
    ),
    ("finance_policyfinding", "project", "program_id, project_id", PROJECT, ""),
    ("finance_policyfinding", "waiver", "program_id, waiver_id", WARRANT, ""),
    ("finance_policyfinding", "journal", "program_id, journal_id", ("finance_journal", "program_id, id"), ""),
    (
        "finance_stagedactual",
        "batch",
        "program_id, batch_id",
        ("finance_actualbatch", "program_id, id"),
        "on delete cascade",
    ),
    ("finance_actualline", "batch", "program_id, batch_id", ("finance_actualbatch", "program_id, id"), ""),
    ("finance_actualline", "journal", "program_id, journal_id", ("finance_journal", "program_id, id"), ""),
    ("finance_actualline", "project", "program_id, project_id", PROJECT, ""),
    (
        "finance_actualline",
        "activity",
        "program_id, activity_id",
        ("programs_activity", "program_id, id"),
        "",
    ),
    ("finance_actualline", "period", "program_id, period_id", PERIOD, ""),
    ("finance_capitalrequest", "project", "program_id, project_id", PROJECT, ""),
    ("finance_capitalrequest", "warrant", "program_id, warrant_id", WARRANT, ""),
    (
        "finance_capitalrequestrevision",
        "request",
        "program_id, request_id",
        ("finance_capitalrequest", "program_id, id"),
        "",
    ),
    (
        "finance_earnedvaluesnapshot",
        "run",
        "program_id, run_id",
        ("finance_earnedvaluerun", "program_id, id"),
        "on delete cascade",
    ),
    ("finance_earnedvaluesnapshot", "project", "program_id, project_id", PROJECT, "on delete cascade"),
    (
        "finance_earnedvaluesnapshot",
        "period",
        "program_id, period_id",
        ("programs_statusperiod", "program_id, id"),
        "on delete cascade",
    ),
    (
        "finance_earnedvaluerow",
        "snapshot",
        "program_id, snapshot_id",
        ("finance_earnedvaluesnapshot", "program_id, id"),
        "on delete cascade",
    ),
    (
        "finance_earnedvaluerow",
        "activity",
        "program_id, activity_id",
        ("programs_activity", "program_id, id"),
        "on delete cascade",
    ),
    (
        "finance_plannedvaluepoint",
        "run",
        "program_id, run_id",
        ("finance_earnedvaluerun", "program_id, id"),
        "on delete cascade",
    ),
    ("finance_plannedvaluepoint", "project", "program_id, project_id", PROJECT, "on delete cascade"),
]

APPEND_ONLY = [
    "finance_journal",
    "finance_posting",
    "finance_actualline",
    "finance_capitalrequestrevision",
]

FORBID = """
create function finance_forbid() returns trigger language plpgsql as $$
begin
  raise exception 'What is in the books stays as it is. Enter a correction instead.'
    using errcode = 'PR001', table = tg_table_name;
end $$;
"""

JOURNAL_ENTERS = """
create function finance_journal_enters() returns trigger language plpgsql as $$
declare p finance_fiscalperiod;
begin
  -- The share lock makes closing the period wait for us, and us for a closing under way.
  select * into p from finance_fiscalperiod
   where id = new.period_id and program_id = new.program_id for share;
  if not found then
    raise exception 'There is no such period in this program.' using errcode = 'PR001';
  end if;
  if p.state <> 'open' then
    raise exception 'Period % is closed: nothing can be entered in it.', p.code using errcode = 'PR001';
  end if;
  if new.effective not between p.starts_on and p.ends_on then
    raise exception 'The date % is not in period %.', new.effective, p.code using errcode = 'PR001';
  end if;
  new.recorded_at := clock_timestamp();
  new.actor_id := nullif(current_setting('app.user', true), '')::bigint;  -- who is in scope, not who is claimed
  return new;
end $$;
create trigger finance_journal_enters before insert on finance_journal
  for each row execute function finance_journal_enters();
"""

# Balances and the two levels of sums, in one statement each, in one lock order: accounts by id, then cells, totals.
POSTINGS_COUNT = """
create function finance_postings_count() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from finance_account
    where id in (select account_id from fresh) order by id for no key update;
  update finance_account a set balance = a.balance + f.amount
    from (select account_id, sum(amount)::bigint as amount from fresh group by account_id) f
   where a.id = f.account_id;
  insert into finance_ledgercell as c (program_id, project_id, category, nature, period_id, kind, amount)
    select f.program_id, a.project_id, a.category, a.nature, j.period_id, a.kind, sum(f.amount)::bigint
      from fresh f join finance_account a on a.id = f.account_id join finance_journal j on j.id = f.journal_id
     group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
    on conflict (program_id, project_id, category, nature, period_id, kind)
    do update set amount = c.amount + excluded.amount;
  insert into finance_ledgertotal as t (program_id, project_id, period_id, kind, amount)
    select f.program_id, a.project_id, j.period_id, a.kind, sum(f.amount)::bigint
      from fresh f join finance_account a on a.id = f.account_id join finance_journal j on j.id = f.journal_id
     group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (program_id, project_id, period_id, kind)
    do update set amount = t.amount + excluded.amount;
  return null;
end $$;
create trigger finance_postings_count after insert on finance_posting
  referencing new table as fresh for each statement execute function finance_postings_count();
"""

# At commit: a journal has exactly the postings it announced, they sum to nothing, between accounts its kind may touch.
JOURNAL_IS_WHOLE = """
create function finance_journal_is_whole() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  j finance_journal;
  n bigint; total numeric; capital boolean; kinds text[]; allowed text[];
begin
  if tg_table_name = 'finance_journal' then
    select * into j from finance_journal where id = new.id;
  else
    select * into j from finance_journal where id = new.journal_id;
  end if;
  select count(*), coalesce(sum(p.amount), 0), coalesce(bool_or(a.nature = 'capital'), false),
         coalesce(array_agg(distinct a.kind::text), '{}')
    into n, total, capital, kinds
    from finance_posting p join finance_account a on a.id = p.account_id where p.journal_id = j.id;
  if n < 2 or n <> j.legs then
    raise exception 'A journal has the postings it was entered with, at least two.' using errcode = 'PR001';
  end if;
  if total <> 0 then
    raise exception 'The postings of a journal must add up to zero.' using errcode = 'PR001';
  end if;
  if j.kind = 'reversal' then
    if exists (
      select 1 from (select account_id, amount from finance_posting where journal_id = j.id) mine
        full join (select account_id, -amount as amount from finance_posting where journal_id = j.reverses_id) theirs
          using (account_id)
       where mine.amount is distinct from theirs.amount) then
      raise exception 'A reversal mirrors its original, leg by leg.' using errcode = 'PR001';
    end if;
    return null;
  end if;
  allowed := case j.kind
    when 'grant' then '{funding,available,reserve}'
    when 'reserve' then '{available,reserve}'
    when 'commitment' then '{available,reserve,committed}'
    when 'release' then '{committed,reserve,available}'
    when 'accrual' then '{committed,available,unfunded,accrued}'
    when 'actual' then '{accrued,committed,available,unfunded,spent}'
    when 'transfer' then '{available,reserve}'
  end;
  if not kinds <@ allowed then
    raise exception 'A journal of kind % cannot move money between %.', j.kind, array_to_string(kinds, ', ')
      using errcode = 'PR001';
  end if;
  if j.kind = 'commitment' and capital and j.warrant_id is null then
    raise exception 'Capital is committed only by a decision.' using errcode = 'PR001';
  end if;
  if j.kind = 'transfer' and 'reserve' = any(kinds) and j.warrant_id is null then
    raise exception 'A reserve is drawn only by a decision.' using errcode = 'PR001';
  end if;
  return null;
end $$;
create constraint trigger finance_journal_is_whole after insert on finance_journal
  deferrable initially deferred for each row execute function finance_journal_is_whole();
create constraint trigger finance_posting_is_whole after insert on finance_posting
  deferrable initially deferred for each row execute function finance_journal_is_whole();
"""

# Reading a balance to decide on it needs its row locked; pmo_app has no UPDATE on accounts, hence a function.
LOCK_ACCOUNTS = """
create function finance_lock_accounts(ids bigint[]) returns table (id bigint, balance bigint)
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  return query select a.id, a.balance from finance_account a
    where a.id = any(ids) and a.program_id = any((select pmo_scope())::bigint[])
    order by a.id for no key update;
end $$;
"""

# Lines of a budget that was submitted or decided on stay as they were shown.
BUDGET_LINES_STAY = """
create function finance_budget_lines_stay() returns trigger language plpgsql as $$
declare found_state text; line finance_budgetline;
begin
  line := case when tg_op = 'DELETE' then old else new end;
  select state into found_state from finance_budget where id = line.budget_id for share;
  if found_state is distinct from 'draft' then
    raise exception 'Only the lines of a draft budget can be changed.' using errcode = 'PR001';
  end if;
  return line;
end $$;
create trigger finance_budget_lines_stay before insert or update or delete on finance_budgetline
  for each row execute function finance_budget_lines_stay();
"""


def keys() -> str:
    """One composite key per reference, so that no row points into another program."""
    return "\n".join(
        f"alter table {table} add constraint {table}_{name}_same foreign key ({columns}) "
        f"references {target[0]} ({target[1]}) {after};"
        for table, name, columns, target, after in KEYS
    )


def append_only() -> str:
    """No row of these tables is changed or removed, by whomever."""
    return "\n".join(
        f"create trigger {table}_stays before update or delete on {table} "
        f"for each row execute function finance_forbid();\n"
        f"create trigger {table}_stays_whole before truncate on {table} "
        f"for each statement execute function finance_forbid();"
        for table in APPEND_ONLY
    )


class Migration(migrations.Migration):
    dependencies = [("finance", "0001_initial"), ("programs", "0002_keys"), ("pmo", "0003_scope")]

    operations = [
        migrations.RunSQL(
            FORBID
            + JOURNAL_ENTERS
            + POSTINGS_COUNT
            + JOURNAL_IS_WHOLE
            + LOCK_ACCOUNTS
            + BUDGET_LINES_STAY
            + append_only()
            + keys()
        )
    ]
