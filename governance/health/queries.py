"""The SQL of the dashboard's figures: few statements, each constant in the number of rows shown.

Parameters everywhere: program, at (status date), known (instant of knowledge), day (of `at`, local), now (bool:
both clocks are the present). Row security is under every table.
"""

LAST = """(select c.id from programs_computation c
            where c.program_id = %(program)s and c.computed_at <= {moment} order by c.id desc limit 1)"""
"""The computation in force at a moment (they are numbered in the order they were made)."""

IN_FORCE = f"""d.program_id = %(program)s and d.computation_id <= {LAST}
    and (d.superseded_by_id is null or d.superseded_by_id > {LAST})"""
"""Computed dates as they were in force at a moment (a row's versions follow each other, so at most one fits)."""

FACTS = """
select
  (select json_build_object('plan_version', c.plan_version, 'at', c.computed_at) from programs_computation c
    where c.program_id = %(program)s and c.computed_at <= %(known)s order by c.id desc limit 1),
  (select count(*) from programs_requirement r join programs_deliverable d on d.id = r.deliverable_id
    where r.program_id = %(program)s and r.due_on <= %(day)s
      and (d.withdrawn_at is null or d.withdrawn_at > %(known)s)),
  (select count(*) from programs_requirement r join programs_deliverable d on d.id = r.deliverable_id
    where r.program_id = %(program)s and r.due_on <= %(day)s and r.accepted_on <= r.due_on
      and (d.withdrawn_at is null or d.withdrawn_at > %(known)s)),
  case when %(now)s then
    (select coalesce(sum(r.exposure_minor), 0) from programs_risk r
      where r.program_id = %(program)s and r.state in ('open', 'mitigating'))
  else
    (select coalesce(sum(v.exposure_minor), 0) from (
        select distinct on (e.id) e.exposure_minor, e.state, e.pgh_label from programs_riskevent e
         where e.program_id = %(program)s and e.pgh_created_at <= %(recorded)s order by e.id, e.pgh_id desc) v
      where v.state in ('open', 'mitigating') and v.pgh_label not like 'delete%%')
  end,
  case when not %(money)s then null
       when %(now)s then
    (select sum(a.balance) from finance_account a
      where a.program_id = %(program)s and a.kind = 'reserve' and a.category = 'contingency')
  else
    (select sum(p.amount) from finance_posting p
       join finance_account a on a.id = p.account_id join finance_journal j on j.id = p.journal_id
      where p.program_id = %(program)s and a.kind = 'reserve' and a.category = 'contingency'
        and j.effective <= %(day)s and j.recorded_at <= %(known)s)
  end,
  (select greatest(abs(coalesce((select sum(a.balance) from finance_account a where a.program_id = %(program)s), 0)),
                   abs(coalesce((select sum(t.amount) from finance_ledgertotal t
                                       where t.program_id = %(program)s), 0)))),
  (select exists (select from finance_account a where a.program_id = %(program)s)),
  (select max(x.decided_at) from governance_decision x
    where x.program_id = %(program)s and x.state = 'decided' and x.decided_at <= %(recorded)s),
  (select coalesce(json_agg(json_build_array(o.code, o.baseline_value::text, o.target_value::text, o.baseline_on,
                                             o.target_on, r.value::text, r.taken_on) order by o.id), '[]')
     from programs_objective o
     left join lateral (select value, taken_on from programs_reading r
                         where r.objective_id = o.id and r.taken_on <= %(day)s order by taken_on desc limit 1) r on true
    where o.program_id = %(program)s and (o.retired_at is null or o.retired_at > %(recorded)s)),
  (select v.id from finance_earnedvaluerun v
    where v.program_id = %(program)s and v.computed_at <= %(known)s and %(money)s order by v.id desc limit 1),
  (select json_build_object('run', s.id, 'p80', s.p80_finish, 'plan_version', s.plan_version)
     from programs_simulationrun s
    where s.program_id = %(program)s and s.state = 'done' and s.p80_finish is not null and s.finished_at <= %(known)s
    order by s.id desc limit 1),
  (select coalesce(json_agg(json_build_array(w.id, w.project_id, w.dimension, w.voice, w.colour, w.reason, u.name,
                                             w.at, w.valid_until)), '[]')
     from (select distinct on (s.project_id, s.dimension, s.voice) s.* from governance_statedrating s
            where s.program_id = %(program)s and s.at <= least(%(at)s, %(known)s)
            order by s.project_id, s.dimension, s.voice, s.at desc, s.id desc) w
     join pmo_user u on u.id = w.person_id)
"""

FINISH = "to_timestamp(({} -> p.id::text ->> 1)::float8)"
"""A project's latest finish among the dates kept with a computation or baseline (`programs.schedule.spans`)."""

PROJECTS = f"""
select p.id, p.code, p.name, p.kind, u.name,
       (select max(s.at) from programs_statusperiod s where s.project_id = p.id and s.at <= %(at)s),
       {FINISH.format("k.now")}, {FINISH.format("k.since")}, {FINISH.format("k.baseline")}, e.bac, e.pv, e.ev, e.ac
  from programs_project p
  cross join (select
    (select c.project_dates from programs_computation c where c.id = {LAST.format(moment="%(known)s")}) as now,
    (select c.project_dates from programs_computation c where c.id = {LAST.format(moment="%(since)s")}) as since,
    (select b.project_dates from programs_baseline b
      where b.program_id = %(program)s and b.is_current) as baseline) k
  left join pmo_user u on u.id = p.manager_id
  left join lateral (select s.bac, s.pv, s.ev, s.ac from finance_earnedvaluesnapshot s
                      where s.run_id = %(run)s and s.project_id = p.id and s.at <= %(at)s
                      order by s.at desc limit 1) e on true
 where p.program_id = %(program)s
 order by p.position, p.id
"""  # noqa: S608 - made of constants of this file

SERIES = """
select s.at, s.bac, s.pv, s.ev, s.ac,
       case when row_number() over (order by s.at desc) = 1 then s.figures -> 'measures' end
  from finance_earnedvaluesnapshot s
 where s.program_id = %(program)s and s.run_id = %(run)s and s.project_id is null and s.at <= %(at)s
 order by s.at
"""

CURVE = """
select p.at, p.pv from finance_plannedvaluepoint p
 where p.program_id = %(program)s and p.project_id is null
   and p.run_id = (select max(id) from finance_earnedvaluerun where program_id = %(program)s)
 order by p.at
"""

_LOAD_OF_EACH = f"""
with work as (
  select r.id, r.name, r.capacity, a.units, greatest(d.early_start, %(from)s) as starts, d.early_finish as ends
    from programs_assignment a
    join programs_resource r on r.id = a.resource_id and r.kind in ('person', 'role') and r.capacity > 0
    join programs_activity t on t.id = a.activity_id and t.actual_finish is null
    join programs_computeddates d on d.activity_id = a.activity_id and {IN_FORCE.format(moment="%(known)s")}
   where a.program_id = %(program)s and d.early_finish > %(from)s
), months as (
  select greatest(m, %(from)s) as first, m + interval '1 month' as next
    from generate_series((select date_trunc('month', min(starts)) from work), (select max(ends) from work),
                         interval '1 month') m
), loads as (
  select w.name, m.first, 100 * sum(w.units * extract(epoch from least(w.ends, m.next) - greatest(w.starts, m.first)))
         / (w.capacity * extract(epoch from m.next - m.first)) as percent
    from work w join months m on w.starts < m.next and w.ends > m.first
   group by w.id, w.name, w.capacity, m.first, m.next
)
"""  # noqa: S608 - made of constants of this file

LOADS = f"""{_LOAD_OF_EACH}
, ranked as (select *, row_number() over (order by percent desc, name) as place from loads)
select name, first, round(percent, 4) from ranked where place = 1 or percent > 100 order by place limit 500
"""  # noqa: S608 - made of constants of this file

LOAD_TABLE = f"""{_LOAD_OF_EACH}
, named as (select name from loads group by name order by max(percent) desc, name limit 200)
select name, first, round(percent, 4) from loads join named using (name) order by name, first
"""  # noqa: S608 - made of constants of this file
