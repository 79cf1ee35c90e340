"""At commit the database counts itself: no sealed record, no decided ballot and no warrant that its votes do not bear out."""

from django.db import migrations

# The rules of `governance.decisions.tally`, once more: tests/governance/test_forgery.py holds the two against each other.
COUNTING = """
create function governance_outcome(rule text, approve int, reject int, abstain int, chair text, quorum int)
  returns text language sql immutable set search_path = pg_catalog as $$
  select case
    when approve + reject + abstain < quorum then 'lapsed'
    when rule = 'chair_decides' then
      case chair when 'approve' then 'approved' when 'reject' then 'rejected' else 'lapsed' end
    when case rule
      when 'two_thirds' then approve > 0 and 3 * approve >= 2 * (approve + reject)
      when 'unanimous' then approve > 0 and reject = 0
      else approve > reject or (approve = reject and approve > 0 and chair = 'approve')
    end then 'approved'
    else 'rejected' end
$$;

-- Can the seats that have not voted no longer change the outcome? Every continuation is tried.
create function governance_settled(
  rule text, approve int, reject int, abstain int, missing int, chair text, chair_can_vote boolean, quorum int)
  returns boolean language sql immutable set search_path = public, pg_temp as $$
  select count(distinct governance_outcome(rule, approve + a, reject + r, abstain + n, c.chair, quorum)) = 1
    from generate_series(0, missing) a, generate_series(0, missing - a) r, generate_series(0, missing - a - r) n
   cross join lateral (
      select governance_settled.chair where not chair_can_vote
      union all select 'approve' where chair_can_vote and a > 0
      union all select 'reject' where chair_can_vote and r > 0
      union all select 'abstain' where chair_can_vote and n > 0
      union all select '' where chair_can_vote and a + r + n < missing) c
$$;
"""

# Run as the owner: whoever forges could otherwise leave the scope of row security before the commit.
CLOSED_AS_VOTED = """
create function governance_closed_as_voted() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d governance_decision;
  sealed jsonb;
  shown jsonb;
  t record;
begin
  select * into strict d from governance_decision where id = new.id;
  if d.state not in ('decided', 'withdrawn') or (d.state = 'withdrawn' and d.opened_at is null) then
    return null;
  end if;
  select convert_from(r.canonical, 'UTF8')::jsonb into sealed
    from governance_decisionrecord r where r.id = d.record_id and r.decision_id = d.id;
  if not found then
    raise exception 'D-% was put to the vote and has no sealed record.', d.number using errcode = 'PR001';
  end if;
  if (sealed ->> 'decision', sealed ->> 'program', sealed ->> 'subject_kind', sealed ->> 'subject',
      sealed ->> 'revision_sha256', sealed ->> 'figures_sha256', sealed ->> 'question', sealed ->> 'amount_minor',
      sealed ->> 'currency', sealed ->> 'voting_rule', sealed ->> 'quorum', sealed ->> 'rationale')
     is distinct from
     ('D-' || d.number, d.program_id::text, d.subject_kind::text, d.subject_id::text,
      d.revision_sha256::text, d.figures_sha256::text, d.question, d.amount_minor::text,
      d.currency::text, d.voting_rule::text, d.quorum::text, d.rationale) then
    raise exception 'The sealed record of D-% is not about what was voted on.', d.number using errcode = 'PR001';
  end if;
  if sealed ->> 'outcome' is distinct from
     (case d.state when 'withdrawn' then 'withdrawn' else d.outcome end) then
    raise exception 'The sealed outcome of D-% is another one.', d.number using errcode = 'PR001';
  end if;
  perform 1
    from (select e.person_id as person, v.choice::text as choice, v.reason
            from governance_vote v join governance_elector e on e.id = v.elector_id where v.decision_id = d.id) cast_
    full join jsonb_to_recordset(sealed -> 'votes') as s(person bigint, choice text, reason text)
      on s.person = cast_.person
   where (cast_.choice, cast_.reason) is distinct from (s.choice, s.reason) or s.person is null;
  if found then
    raise exception 'The sealed votes of D-% are not those that were cast.', d.number using errcode = 'PR001';
  end if;
  if d.state = 'withdrawn' then
    return null;
  end if;

  -- The electorate and the rules are those that the voters were shown.
  shown := convert_from(d.figures_canonical, 'UTF8')::jsonb;
  if (shown ->> 'revision_sha256', shown ->> 'voting_rule', shown ->> 'quorum', shown ->> 'amount_minor')
     is distinct from (d.revision_sha256::text, d.voting_rule::text, d.quorum::text, d.amount_minor::text) then
    raise exception 'What the voters of D-% were shown is not what is decided.', d.number using errcode = 'PR001';
  end if;
  perform 1
    from (select person_id as person, role::text as role, voting, recused
            from governance_elector where decision_id = d.id) there
    full join jsonb_to_recordset(shown -> 'electorate')
         as s(person bigint, role text, voting boolean, recused boolean) on s.person = there.person
   where (there.role, there.voting, there.recused) is distinct from (s.role, s.voting, s.recused)
      or s.person is null;
  if found then
    raise exception 'The electorate of D-% is not the one that was shown.', d.number using errcode = 'PR001';
  end if;

  -- The count.
  select count(*)::int as seats,
         (count(*) filter (where not aside and choice = 'approve'))::int as approve,
         (count(*) filter (where not aside and choice = 'reject'))::int as reject,
         (count(*) filter (where not aside and choice = 'abstain'))::int as abstain,
         (count(*) filter (where aside))::int as recused,
         (count(*) filter (where not aside and choice = ''))::int as missing,
         coalesce(max(choice) filter (where role = 'chair' and not aside), '') as chair,
         coalesce(bool_or(role = 'chair' and not aside and choice = ''), false) as chair_can_vote
    into t
    from (select e.role, coalesce(v.choice, '') as choice, e.recused or coalesce(v.choice, '') = 'recuse' as aside
            from governance_elector e left join governance_vote v on v.elector_id = e.id
           where e.decision_id = d.id and e.voting) seats;
  if sealed -> 'tally' is distinct from jsonb_build_object(
       'seats', t.seats, 'approve', t.approve, 'reject', t.reject, 'abstain', t.abstain,
       'recused', t.recused, 'missing', t.missing) then
    raise exception 'The sealed count of D-% is not that of its votes.', d.number using errcode = 'PR001';
  end if;
  if d.outcome <> governance_outcome(d.voting_rule, t.approve, t.reject, t.abstain, t.chair, d.quorum) then
    raise exception 'The votes on D-% do not make it %.', d.number, d.outcome using errcode = 'PR001';
  end if;
  if clock_timestamp() < d.closes_at and t.missing > 0 and not governance_settled(
       d.voting_rule, t.approve, t.reject, t.abstain, t.missing, t.chair, t.chair_can_vote, d.quorum) then
    raise exception 'The ballot on D-% is still open: seats that have not voted could change it.', d.number
      using errcode = 'PR001';
  end if;
  if d.outcome = 'approved' then
    perform 1 from pmo_warrant w
      where w.id = d.warrant_id and w.program_id = d.program_id and w.kind = d.subject_kind
        and w.digest = d.revision_sha256 and w.number = 'D-' || d.number and w.effective_at = d.decided_at;
    if not found then
      raise exception 'The warrant of D-% is not for what was approved.', d.number using errcode = 'PR001';
    end if;
  end if;
  return null;
end $$;
create constraint trigger d_closed_as_voted after update on governance_decision
  deferrable initially deferred for each row
  when (old.state is distinct from new.state and new.state in ('decided', 'withdrawn'))
  execute function governance_closed_as_voted();

-- A record seals a ballot that is closed by it: nothing is sealed in advance.
create function governance_record_closes() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from governance_decision d
    where d.id = new.decision_id and d.program_id = new.program_id and d.record_id = new.id
      and d.state in ('decided', 'withdrawn');
  if not found then
    raise exception 'A sealed record closes its ballot: this one is not closed by it.' using errcode = 'PR001';
  end if;
  return null;
end $$;
create constraint trigger d_closes after insert on governance_decisionrecord
  deferrable initially deferred for each row execute function governance_record_closes();

-- A warrant is left by an approving decision, in its transaction or not at all.
create function governance_warrant_is_given() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform 1 from governance_decision d
    where d.warrant_id = new.id and d.program_id = new.program_id and d.state = 'decided' and d.outcome = 'approved'
      and d.subject_kind = new.kind and d.revision_sha256 = new.digest and 'D-' || d.number = new.number;
  if not found then
    raise exception 'A warrant is given only by a decision that approved: % is none.', new.number
      using errcode = 'PR001';
  end if;
  return null;
end $$;
create constraint trigger d_is_given after insert on pmo_warrant
  deferrable initially deferred for each row execute function governance_warrant_is_given();
"""

# A true warrant serves its own subject and no other. (That it is true, the trigger above has seen to.)
SERVES_ITS_SUBJECT = """
create function governance_warrant_serves() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d governance_decision;
  serves boolean;
begin
  select * into d from governance_decision where warrant_id = new.warrant_id;
  if not found then
    return null;
  end if;
  serves := case tg_table_name
    when 'finance_budget' then d.subject_kind = 'budget' and d.subject_id = new.id
    when 'finance_capitalrequest' then d.subject_kind = 'capital_request' and d.subject_id = new.id
    when 'programs_baseline' then d.subject_kind not in ('budget', 'capital_request')
      and 1 = (select count(*) from programs_baseline b where b.warrant_id = new.warrant_id)
  end;
  if not serves then
    raise exception 'D-% decided about something else.', d.number using errcode = 'PR001';
  end if;
  return null;
end $$;
create constraint trigger d_warrant_serves after insert or update of warrant_id on finance_budget
  deferrable initially deferred for each row when (new.warrant_id is not null)
  execute function governance_warrant_serves();
create constraint trigger d_warrant_serves after insert or update of warrant_id on finance_capitalrequest
  deferrable initially deferred for each row when (new.warrant_id is not null)
  execute function governance_warrant_serves();
create constraint trigger d_warrant_serves after insert or update of warrant_id on programs_baseline
  deferrable initially deferred for each row when (new.warrant_id is not null)
  execute function governance_warrant_serves();

-- Money under a warrant: a capital request commits its amount once, a budget grants what it holds.
create function governance_money_as_decided() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  d governance_decision;
  moved bigint;
begin
  select * into d from governance_decision where warrant_id = new.warrant_id;
  if not found or d.subject_kind not in ('budget', 'capital_request') or new.kind = 'reversal' then
    return null;
  end if;
  if new.kind <> (case d.subject_kind when 'budget' then 'grant' else 'commitment' end) then
    raise exception 'D-% does not allow a journal of kind %.', d.number, new.kind using errcode = 'PR001';
  end if;
  if d.subject_kind = 'capital_request' then
    select coalesce(sum(p.amount), 0) into moved
      from finance_journal j join finance_posting p on p.journal_id = j.id
      join finance_account a on a.id = p.account_id and a.kind = 'committed'
     where j.program_id = d.program_id and j.warrant_id = d.warrant_id and j.kind = 'commitment';
    if moved <> d.amount_minor then
      raise exception 'D-% allows another amount, once.', d.number using errcode = 'PR001';
    end if;
  else
    perform 1 from finance_budget b
      where b.id = d.subject_id and b.state = 'active'
        and (select coalesce(sum(l.amount_minor), 0) from finance_budgetline l where l.budget_id = b.id)
            = -(select coalesce(sum(p.amount), 0) from finance_posting p
                  join finance_account a on a.id = p.account_id and a.kind = 'funding'
                  join finance_journal j on j.id = p.journal_id and j.kind = 'grant' and j.source_kind = 'budget'
                 where j.program_id = b.program_id and a.project_id is not distinct from b.project_id);
    if not found then
      raise exception 'What is granted under D-% is not what its budget holds.', d.number using errcode = 'PR001';
    end if;
  end if;
  return null;
end $$;
create constraint trigger d_money_as_decided after insert on finance_journal
  deferrable initially deferred for each row when (new.warrant_id is not null)
  execute function governance_money_as_decided();
"""
BACKWARD = """
drop function governance_money_as_decided(), governance_warrant_serves(), governance_warrant_is_given(),
  governance_record_closes(), governance_closed_as_voted() cascade;
drop function governance_settled(text, int, int, int, int, text, boolean, int),
  governance_outcome(text, int, int, int, text, int);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0002_referee"),
        ("finance", "0006_closed_stays_closed"),
        ("programs", "0002_keys"),
        ("pmo", "0003_scope"),
    ]

    operations = [migrations.RunSQL(COUNTING + CLOSED_AS_VOTED + SERVES_ITS_SUBJECT, BACKWARD)]
