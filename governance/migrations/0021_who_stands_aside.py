"""Who stands aside on a decision acts for no other seat on it, in either order; an alternate who also holds the seat's
proxy is the alternate first, and votes by proxy where the holder is not away. The guard of votes as 0019 left it."""

from django.db import migrations

REWRITE = """
do $do$
declare
  body text := pg_get_functiondef('governance_vote_guard()'::regprocedure);
begin
%s
  execute body;
end $do$;
"""
STEP = """
  if position(%(was)s in body) = 0 then
    raise exception 'governance_vote_guard is not as this migration knows it';
  end if;
  body := replace(body, %(was)s, %(is)s);
"""
WAS = """    -- As with absences: a proxy that is being taken back is taken back before this vote or after it.
    perform 1 from governance_proxy where seat_id = elector.seat_id and withdrawn_at is null for share;
    new.at := clock_timestamp();
    if elector.alternate_id is distinct from new.cast_by_id
       or governance_proxy_of(elector.seat_id, elector.decision_id, new.at) = new.cast_by_id then
      if not governance_by_proxy(elector, new.cast_by_id, new.at) then
        raise exception 'Nobody votes for somebody else.' using errcode = 'PR001';
      end if;
      new.capacity := 'proxy';
    elsif elector.alternate_barred <> '' then
      raise exception 'The alternate may not vote on this: %.', elector.alternate_barred using errcode = 'PR001';
    else
    -- Held until we commit: an absence that is being ended is ended before this vote or after it.
    perform 1 from governance_absence where seat_id = elector.seat_id and ended_at is null for share;
    new.at := clock_timestamp();
    if not governance_absent(elector.seat_id, new.cast_by_id, new.at) then
      raise exception 'The alternate votes only while the holder of the seat is absent.' using errcode = 'PR001';
    end if;
    new.capacity := 'alternate';
    end if;
  end if;
"""
IS = """    -- One at a time for each person: who acts for another and who stands aside do not pass each other.
    perform pg_advisory_xact_lock(hashtext('governance.proxy ' || new.decision_id), new.cast_by_id::int);
    -- Held until we commit: an absence that is being ended, a proxy that is being taken back, is so before this vote or
    -- after it.
    perform 1 from governance_proxy where seat_id = elector.seat_id and withdrawn_at is null for share;
    perform 1 from governance_absence where seat_id = elector.seat_id and ended_at is null for share;
    new.at := clock_timestamp();
    if elector.alternate_id = new.cast_by_id and elector.alternate_barred = ''
       and governance_absent(elector.seat_id, new.cast_by_id, new.at) then
      if governance_stood_aside(new.decision_id, new.cast_by_id) then
        raise exception 'Who stands aside on D-% does not vote on it as an alternate either.', ballot.number
          using errcode = 'PR001';
      end if;
      new.capacity := 'alternate';
    elsif governance_by_proxy(elector, new.cast_by_id, new.at) then
      new.capacity := 'proxy';
    elsif elector.alternate_id is distinct from new.cast_by_id then
      raise exception 'Nobody votes for somebody else.' using errcode = 'PR001';
    elsif elector.alternate_barred <> '' then
      raise exception 'The alternate may not vote on this: %.', elector.alternate_barred using errcode = 'PR001';
    else
      raise exception 'The alternate votes only while the holder of the seat is absent.' using errcode = 'PR001';
    end if;
  elsif new.choice = 'recuse' then
    perform pg_advisory_xact_lock(hashtext('governance.proxy ' || new.decision_id), new.cast_by_id::int);
    new.at := clock_timestamp();
    select u.name into acted_for
      from governance_vote v join governance_elector e on e.id = v.elector_id join pmo_user u on u.id = e.person_id
     where v.decision_id = new.decision_id and v.cast_by_id = new.cast_by_id and v.capacity <> 'holder' limit 1;
    if found then
      raise exception 'You voted for the seat of % on this decision, and that vote stands: stand aside before you vote for another.',
        acted_for using errcode = 'PR001';
    end if;
  end if;
"""
CHANGES = (
    ("  elector governance_elector;\n", "  elector governance_elector;\n  acted_for text;\n"),
    (WAS, IS),
)
ASIDE = """
-- Has this person no vote of the own seat on that decision, by a recusal that the ballot froze or by the own word?
create function governance_stood_aside(decision bigint, person bigint) returns boolean
  language sql volatile set search_path = public, pg_temp as $$
  select exists (
    select from governance_elector e left join governance_vote v on v.elector_id = e.id and v.cast_by_id = e.person_id
     where e.decision_id = governance_stood_aside.decision and e.person_id = governance_stood_aside.person and e.voting
       and (e.recused or v.choice = 'recuse'))
$$;
"""


def rewritten(*, back: bool = False) -> str:
    """The guard with every change made, or taken back."""
    pairs = [(new, old) for old, new in reversed(CHANGES)] if back else CHANGES
    return REWRITE % "".join(STEP % {"was": f"$was${was}$was$", "is": f"$is${now}$is$"} for was, now in pairs)


class Migration(migrations.Migration):
    dependencies = [("governance", "0020_silence")]

    operations = [
        migrations.RunSQL(ASIDE, "drop function governance_stood_aside(bigint, bigint);"),
        migrations.RunSQL(rewritten(), rewritten(back=True)),
    ]
