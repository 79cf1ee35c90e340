"""Silence counts where there was time to speak, by rules older than the proposal, and of people who could have spoken.

Opening such a ballot is a weighty act: by a person who has just signed in and did not ask for the subject.
"""

from django.db import migrations

SILENCE = """
-- Does a membership in force on that day give this person a vote in the program, and is the account one that can sign in?
create function governance_may_vote(person bigint, program bigint, on_day date) returns boolean
  language sql stable security definer set search_path = public, pg_temp as $$
  select exists (
    select from pmo_held(governance_may_vote.person, governance_may_vote.on_day) h
      join pmo_user u on u.id = governance_may_vote.person
     where h.program_id = governance_may_vote.program and u.is_active
       and h.role in ('committee_chair', 'committee_member', 'sponsor'))
$$;

-- What silence counts as on a decision that opens now: what the body's rules say, where they have said so ever since
-- before it was proposed, by the history that the database writes itself; else nothing.
create function governance_silence_for(decision bigint) returns text
  language sql stable security definer set search_path = public, pg_temp as $$
  select case
      when b.silence = '' or (b.silence = 'consent' and d.subject_kind = 'question') then ''
      when exists (
        select from governance_bodyevent e
         where e.pgh_obj_id = b.id and e.silence <> b.silence
           and e.pgh_id >= coalesce((select max(f.pgh_id) from governance_bodyevent f
                                      where f.pgh_obj_id = b.id and f.pgh_created_at <= p.proposed), 0)) then ''
      else b.silence::text end
    from governance_decision d
    join governance_body b on b.id = d.body_id
    cross join lateral (select min(h.pgh_created_at) as proposed from governance_decisionevent h
                         where h.pgh_obj_id = d.id) p
   where d.id = governance_silence_for.decision
$$;

create function governance_silence_guard() returns trigger
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  shown jsonb := convert_from(new.figures_canonical, 'UTF8')::jsonb;
  silence text := coalesce(shown ->> 'silence', '');
  days int;
begin
  if silence = '' then
    return new;
  end if;
  if silence is distinct from governance_silence_for(new.id) then
    raise exception 'The rules that stood when D-% was proposed do not say that silence counts.', new.number
      using errcode = 'PR001';
  end if;
  if new.opened_by_id is null or current_setting('app.user', true) is distinct from new.opened_by_id::text then
    raise exception 'A ballot on which silence counts is opened by a person, in no other name.' using errcode = 'PR001';
  end if;
  if new.opened_by_id in (coalesce(old.requested_by_id, 0), coalesce(new.requested_by_id, 0)) then
    raise exception 'Who requested it does not open a ballot on which silence counts.' using errcode = 'PR001';
  end if;
  if coalesce((shown ->> 'opened_auth_at')::timestamptz, '-infinity') < clock_timestamp() - governance_fresh_for()
     or (shown ->> 'opened_auth_at')::timestamptz > clock_timestamp() + interval '1 minute' then
    raise exception 'Only who has just proved to be the person opens a ballot on which silence counts.'
      using errcode = 'PR001';
  end if;
  select least(60, greatest(1, b.vote_days)) into strict days from governance_body b where b.id = new.body_id;
  if new.opened_at not between clock_timestamp() - interval '5 minutes' and clock_timestamp() + interval '1 minute'
     or (shown ->> 'silence_days')::int is distinct from days
     or new.closes_at < new.opened_at + days * interval '24 hours' then
    raise exception 'Silence counts on D-%: it stays open for at least % days from now.', new.number, days
      using errcode = 'PR001';
  end if;
  perform 1
     from governance_elector e join programs_program p on p.id = e.program_id
    where e.decision_id = new.id and e.voting and not e.recused
      and not governance_may_vote(e.person_id, e.program_id, (new.opened_at at time zone p.time_zone)::date)
      and not exists (select from jsonb_array_elements(shown -> 'electorate') s
                       where (s ->> 'seat')::bigint = e.seat_id and (s ->> 'without_vote')::boolean);
  if found then
    raise exception 'The figures of D-% do not say who has no right to vote, and so does not consent by silence.', new.number
      using errcode = 'PR001';
  end if;
  return new;
end $$;
create trigger b_silence before update on governance_decision for each row
  when (old.state = 'draft' and new.state = 'open') execute function governance_silence_guard();
"""
SILENCE_NOT = """
drop function governance_silence_guard() cascade;
drop function governance_silence_for(bigint);
drop function governance_may_vote(bigint, bigint, date);
"""

# The count at commit, as 0020 left it.
REWRITE = """
do $do$
declare
  body text := pg_get_functiondef('governance_closed_as_voted()'::regprocedure);
begin
%s
  execute body;
end $do$;
"""
STEP = """
  if position(%(was)s in body) = 0 then
    raise exception 'governance_closed_as_voted is not as this migration knows it';
  end if;
  body := replace(body, %(was)s, %(is)s);
"""
CHANGES = (
    ("  silent int;\n", "  silent int;\n  could bigint[];\n"),
    (
        "  silent := coalesce((sealed #>> '{tally,silent}')::int, 0);\n",
        """  -- On a ballot without time to speak nobody is silent; nor is who had no right to vote when it opened or at its end.
  if d.closes_at < d.opened_at
       + least(60, greatest(1, coalesce((shown ->> 'silence_days')::int, 1))) * interval '24 hours' then
    silence := '';
  end if;
  silent := coalesce((sealed #>> '{tally,silent}')::int, 0);
  select coalesce(array_agg(e.person_id order by e.person_id), '{}') into could
    from governance_elector e join programs_program p on p.id = e.program_id
   where e.decision_id = d.id and e.voting and not e.recused
     and not exists (select from governance_vote v where v.elector_id = e.id)
     and not exists (select from jsonb_array_elements(shown -> 'electorate') s
                      where (s ->> 'seat')::bigint = e.seat_id and (s ->> 'without_vote')::boolean)
     and governance_may_vote(e.person_id, e.program_id, (d.closes_at at time zone p.time_zone)::date);
""",
    ),
    ("silent <> t.missing or clock", "silent <> cardinality(could) or clock"),
    (
        """    if (select count(distinct p) from jsonb_array_elements_text(sealed #> '{silence,persons}') p) <> silent or exists (
         select from jsonb_array_elements_text(sealed #> '{silence,persons}') p
          where not exists (select from governance_elector e
                             where e.decision_id = d.id and e.person_id = p::bigint and e.voting and not e.recused
                               and not exists (select from governance_vote v where v.elector_id = e.id))) then
""",
        """    if could is distinct from (select array_agg(p::bigint order by p::bigint)
                                 from jsonb_array_elements_text(sealed #> '{silence,persons}') p) then
""",
    ),
    ("    t.missing := 0;\n", "    t.missing := t.missing - silent;\n"),
    (
        "(clock_timestamp() < d.closes_at or silence <> '') and t.missing",
        "(clock_timestamp() < d.closes_at or (silence <> '' and silent = 0 and could <> '{}')) and t.missing",
    ),
)


def rewritten(*, back: bool = False) -> str:
    """The count with every change made, or taken back."""
    pairs = [(new, old) for old, new in reversed(CHANGES)] if back else CHANGES
    return REWRITE % "".join(STEP % {"was": f"$was${was}$was$", "is": f"$is${now}$is$"} for was, now in pairs)


class Migration(migrations.Migration):
    dependencies = [("governance", "0021_who_stands_aside"), ("pmo", "0003_scope")]

    operations = [
        migrations.RunSQL(SILENCE, SILENCE_NOT),
        migrations.RunSQL(rewritten(), rewritten(back=True)),
    ]
