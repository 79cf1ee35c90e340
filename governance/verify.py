"""Governance's own checks for `manage.py verify`: chains unbroken, decisions and votes as their rules say.

Read by the owner's login, which sees every program.
"""

from __future__ import annotations

from typing import Any

CHAIN = """
with linked as (
  select program_id, seq, prev_hash, hash, decision_id,
         lag(hash, 1, ''::bytea) over w as before, row_number() over w as place,
         sha256(prev_hash || int8send(program_id) || int8send(seq)
                || int8send((extract(epoch from at) * 1000000)::bigint) || canonical) as computed
    from governance_decisionrecord window w as (partition by program_id order by seq)
)
select program_id, seq,
       case when seq <> place then 'a record before it is missing'
            when prev_hash <> before then 'it does not follow the record before it'
            when hash <> computed then 'its content or time was altered' end
  from linked
 where seq <> place or prev_hash <> before or hash <> computed
 order by program_id, seq
"""
HEADS = """
select coalesce(h.program_id, r.program_id), h.seq, r.seq
  from governance_chainhead h
  full join (select distinct on (program_id) program_id, seq, hash from governance_decisionrecord
              order by program_id, seq desc) r on r.program_id = h.program_id
 where coalesce(h.seq, 0) <> coalesce(r.seq, 0) or coalesce(h.hash, '') <> coalesce(r.hash, '')
"""
# Each is a sentence with %s for the decision's number and the query that finds breaches (program, number).
RULES = {
    "D-%s is decided without a sealed record of its own": """
        select d.program_id, d.number from governance_decision d
          left join governance_decisionrecord r on r.id = d.record_id and r.decision_id = d.id
         where d.state = 'decided' and r.id is null""",
    "D-%s is sealed but neither decided nor withdrawn": """
        select d.program_id, d.number
          from governance_decisionrecord r join governance_decision d on d.id = r.decision_id
         where d.state not in ('decided', 'withdrawn')""",
    "the outcome of D-%s is not the one that was sealed": """
        select d.program_id, d.number from governance_decision d
          join governance_decisionrecord r on r.decision_id = d.id
         where convert_from(r.canonical, 'UTF8')::jsonb ->> 'outcome'
               is distinct from case d.state when 'withdrawn' then 'withdrawn' else d.outcome end""",
    "the votes on D-%s are not those that were sealed": """
        select d.program_id, d.number from governance_decision d
          join governance_decisionrecord r on r.decision_id = d.id
          cross join lateral (
            select count(*) as votes, count(*) filter (
                     where v.choice = s.choice and v.capacity = coalesce(s.capacity, 'holder')
                       and v.cast_by_id = coalesce(s.cast_by, s.person)) as same
              from governance_vote v join governance_elector e on e.id = v.elector_id
              left join jsonb_to_recordset(convert_from(r.canonical, 'UTF8')::jsonb -> 'votes')
                        as s(person bigint, choice text, cast_by bigint, capacity text) on s.person = e.person_id
             where v.decision_id = d.id) cast_
         where cast_.votes <> cast_.same
            or cast_.votes <> jsonb_array_length(convert_from(r.canonical, 'UTF8')::jsonb -> 'votes')""",
    "the figures of D-%s do not match their digest": """
        select program_id, number from governance_decision
         where figures_sha256 <> '' and figures_sha256 <> encode(sha256(figures_canonical), 'hex')""",
    "a vote on D-%s names other figures, or comes from outside its electorate": """
        select d.program_id, d.number from governance_vote v
          join governance_decision d on d.id = v.decision_id
          join governance_elector e on e.id = v.elector_id
         where v.digest <> d.figures_sha256 or e.decision_id <> d.id or e.recused or not e.voting
            or v.at >= d.closes_at
            or not case v.capacity
                 when 'holder' then e.person_id = v.cast_by_id
                 when 'alternate' then e.alternate_id = v.cast_by_id and e.alternate_barred = ''
                                       and governance_absent(e.seat_id, v.cast_by_id, v.at)
                 when 'proxy' then v.cast_by_id = governance_proxy_of(e.seat_id, d.id, v.at)
                                   and exists (select from governance_elector own
                                                where own.decision_id = d.id and own.person_id = v.cast_by_id
                                                  and own.voting and not own.recused)
                 else false end""",
    "who stands aside on D-%s votes on it for another seat": """
        select distinct d.program_id, d.number from governance_vote v
          join governance_decision d on d.id = v.decision_id
         where v.capacity <> 'holder' and governance_stood_aside(d.id, v.cast_by_id)""",
    "a vote on D-%s was cast by who had not just signed in": """
        select d.program_id, d.number from governance_vote v join governance_decision d on d.id = v.decision_id
         where v.auth_at < v.at - governance_fresh_for() or v.auth_at > v.at + interval '1 minute'""",
    "D-%s was approved and its warrant names something else": """
        select d.program_id, d.number from governance_decision d join pmo_warrant w on w.id = d.warrant_id
         where w.kind <> d.subject_kind or w.digest <> d.revision_sha256 or w.number <> 'D-' || d.number""",
    "the warrant %s was not left by a decision that approved it": """
        select w.program_id, w.number from pmo_warrant w
         where not exists (select 1 from governance_decision d
                            where d.warrant_id = w.id and d.state = 'decided' and d.outcome = 'approved')""",
    "the money of D-%s is not set aside (or, in older decisions, committed) exactly once": """
        select d.program_id, d.number from governance_decision d
         where d.outcome = 'approved' and d.subject_kind = 'capital_request'
           and 1 <> (select count(*) from finance_journal j
                      where j.program_id = d.program_id and j.warrant_id = d.warrant_id
                        and j.kind in ('reserve', 'commitment'))""",
    "the conditions of D-%s are not those that were sealed": """
        select d.program_id, d.number from governance_decision d
          join governance_decisionrecord r on r.id = d.record_id
         where d.state = 'decided'
           and coalesce(convert_from(r.canonical, 'UTF8')::jsonb -> 'terms', '[]') is distinct from
               (select coalesce(jsonb_agg(jsonb_build_object('n', c.n, 'text', c.text, 'owner', c.owner_id,
                                                             'due_on', c.due_on) order by c.n), '[]')
                  from governance_condition c where c.decision_id = d.id)""",
    "D-%s was approved and its risk is not accepted under it": """
        select d.program_id, d.number from governance_decision d
         where d.outcome = 'approved' and d.subject_kind = 'risk_acceptance'
           and not exists (select 1 from programs_riskacceptance a
                            where a.id = d.subject_id and a.state = 'approved' and a.warrant_id = d.warrant_id)""",
    "D-%s was approved and its change is not applied, or without the baseline of its edits": """
        select d.program_id, d.number from governance_decision d
         where d.outcome = 'approved' and d.subject_kind = 'change_request'
           and not exists (select 1 from programs_changerequest c
                            where c.id = d.subject_id and c.state = 'applied' and c.warrant_id = d.warrant_id
                              and (not exists (  -- money and scope alone leave the plan and its baseline
                                     select 1 from jsonb_array_elements(c.edits) e
                                      where e ->> 'do' not in ('deliver', 'redeliver', 'withdraw'))
                                   or exists (select 1 from programs_baseline b where b.warrant_id = c.warrant_id)))""",
}
ASKED = "convert_from(d.figures_canonical, 'UTF8')::jsonb #>> '{gate,asked}'"
# What a gate (or a row of its history), g, is after what was asked for was approved.
AS_ASKED = f"""case {ASKED}
  when 'proceed' then g.state = 'passed' and g.outcome in ('proceed', 'proceed_with_conditions')
  when 'proceed_with_conditions' then g.state = 'passed' and g.outcome = 'proceed_with_conditions'
  when 'rework' then g.state in ('open', 'submitted') and g.outcome = 'rework'
  when 'stop' then g.state = 'stopped' and g.outcome = 'stop'
  else false end"""
RULES["D-%s was approved and its gate is not what was asked for"] = f"""
    select d.program_id, d.number from governance_decision d
     where d.outcome = 'approved' and d.subject_kind = 'gate'
       and not exists (select 1 from programs_gateevent g
                        where g.pgh_obj_id = d.subject_id and g.warrant_id = d.warrant_id and {AS_ASKED})"""  # noqa: S608 - our own words
RULES["a gate stands on D-%s, which did not approve what it is"] = f"""
    select g.program_id, coalesce(substr(w.number, 3), '?') from programs_gate g
      left join pmo_warrant w on w.id = g.warrant_id
     where g.outcome <> ''
       and not exists (select 1 from governance_decision d
                        where d.warrant_id = g.warrant_id and d.subject_kind = 'gate' and d.subject_id = g.id
                          and d.outcome = 'approved' and {AS_ASKED})"""  # noqa: S608 - our own words
TRIGGERS = {
    "governance_vote": 5,
    "governance_elector": 3,
    "governance_decisionrecord": 4,
    "governance_chainhead": 3,
    "governance_decision": 6,
    "governance_condition": 2,
    "governance_seat": 1,
    "governance_alternate": 1,
    "governance_absence": 1,
    "governance_proxy": 1,
    "pmo_warrant": 3,
    "finance_budget": 1,
    "finance_capitalrequest": 1,
    "finance_journal": 2,
    "programs_baseline": 1,
    "programs_changerequest": 1,
    "programs_riskacceptance": 2,
    "programs_gate": 2,
    "programs_gatecriterion": 1,
    "programs_gatereviewer": 1,
    "programs_gateopinion": 1,
}
GUARDS = [
    *(
        "a_guard",
        "a_not_twice",
        "a_seal",
        "b_fresh",
        "b_keep",
        "b_option",
        "b_silence",
        "c_keep",
        "d_closed_as_voted",
        "d_closes",
        "d_is_given",
        "d_terms",
        "d_sealed",
        "a_kept",
        "a_gate_rules",
        "a_gate_parts",
    ),
    *(
        "d_warrant_serves",
        "d_money_as_decided",
        "d_words_move_nothing",
        "pmo_warrant_frozen",
        "pmo_warrant_kept",
    ),
]


def check(cursor: Any) -> list[str]:
    """Every fault found, in words; an empty list where governance is whole."""
    cursor.execute(CHAIN)
    faults = [
        f"program {program}: record {seq} of the chain: {why}" for program, seq, why in cursor.fetchall()
    ]
    cursor.execute(HEADS)
    faults += [
        f"program {program}: the chain ends at {last or 0}, its head says {head or 0}, or their hashes differ"
        for program, head, last in cursor.fetchall()
    ]
    for sentence, query in RULES.items():
        cursor.execute(query)
        faults += [f"program {program}: {sentence % number}" for program, number in cursor.fetchall()]
    cursor.execute(
        """select c.relname, count(*) filter (where t.tgenabled = 'O')
             from pg_trigger t join pg_class c on c.oid = t.tgrelid
            where c.relname = any(%s) and t.tgname = any(%s) group by c.relname""",
        [list(TRIGGERS), GUARDS],
    )
    enabled = dict(cursor.fetchall())
    faults += [
        f"{table}: {enabled.get(table, 0)} of {wanted} guarding triggers are on"
        for table, wanted in TRIGGERS.items()
        if enabled.get(table, 0) != wanted
    ]
    return faults
