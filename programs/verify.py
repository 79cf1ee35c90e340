"""What must hold of every plan, whoever wrote it (run as the owner by `manage.py verify`)."""

from __future__ import annotations

from typing import Any

CHECKS = (
    # Not the other way round: it may be earlier, as long as an open project never reported.
    (
        """select p.code || ': counts as reported up to ' || to_char(p.status_at at time zone p.time_zone, 'YYYY-MM-DD')
                  || ', later than each of its projects'
             from programs_program p
            where p.status_at > (select max(j.status_at) from programs_project j where j.program_id = p.id)""",
        (),
    ),
    (
        """select p.code || ': the dates are of plan version ' || coalesce(c.plan_version::text, 'none')
                  || ', the plan is at ' || p.plan_version
             from programs_program p
             left join lateral (select plan_version from programs_computation c where c.program_id = p.id
                                 order by id desc limit 1) c on true
            where exists (select 1 from programs_activity a where a.program_id = p.id)
              and c.plan_version is distinct from p.plan_version
              and not exists (select 1 from programs_recalculation r join pmo_outbox o on o.program_id = r.program_id
                               where r.program_id = p.id and r.wanted_version = p.plan_version
                                 and r.state in ('waiting', 'running') and o.topic = 'schedule.recalculate'
                                 and o.state in ('pending', 'handed'))""",
        (),
    ),
    (
        """select p.code || ': activity ' || a.code || ' has no computed dates'
             from programs_activity a join programs_program p on p.id = a.program_id
            where not exists (select 1 from programs_computeddates d
                               where d.activity_id = a.id and d.superseded_by_id is null)
              and p.plan_version = (select c.plan_version from programs_computation c where c.program_id = p.id
                                     order by c.id desc limit 1)
            order by 1 limit 100""",
        (),
    ),
    (
        """select p.code || ': the dates kept of the projects are not those of their activities'
             from programs_program p
             join lateral (select plan_version, project_dates from programs_computation c where c.program_id = p.id
                            order by id desc limit 1) c on c.plan_version = p.plan_version
            where c.project_dates is distinct from coalesce((
                select jsonb_object_agg(s.project_id, jsonb_build_array(s.start, s.finish, s.activities))
                  from (select d.project_id, floor(date_part('epoch', min(d.early_start)))::int8 as start,
                               floor(date_part('epoch', max(d.early_finish)))::int8 as finish, count(*) as activities
                          from programs_computeddates d
                         where d.program_id = p.id and d.superseded_by_id is null
                         group by d.project_id) s), '{}')""",
        (),
    ),
    (
        """select p.code || ': the dates kept of the projects in baseline ' || b.number
                  || ' are not those of its activities'
             from programs_baseline b join programs_program p on p.id = b.program_id
             left join (select baseline_id,
                               jsonb_object_agg(project_id, jsonb_build_array(start, finish, activities)) as dates
                          from (select l.baseline_id, a.project_id,
                                       floor(date_part('epoch', min(l.starts_at)))::int8 as start,
                                       floor(date_part('epoch', max(l.finishes_at)))::int8 as finish,
                                       count(*) as activities
                                  from programs_baselineactivity l join programs_activity a on a.id = l.activity_id
                                 group by l.baseline_id, a.project_id) s
                         group by baseline_id) lines on lines.baseline_id = b.id
            where b.project_dates is distinct from coalesce(lines.dates, '{}')""",
        (),
    ),
    (
        """select p.code || ': baseline ' || b.number || ' does not have the links that it was frozen with'
             from programs_baseline b join programs_program p on p.id = b.program_id
            where coalesce(b.links_kept, 0) <> (select count(*) from programs_baselinelink l
                                                 where l.baseline_id = b.id)""",
        (),
    ),
    (
        """select p.code || ': baseline ' || b.number || ' does not have the scope that it was frozen with'
             from programs_baseline b join programs_program p on p.id = b.program_id
            where coalesce(b.scope_kept, 0) <> (select count(*) from programs_baselinescope s
                                                 where s.baseline_id = b.id)""",
        (),
    ),
    (
        """select p.code || ': baseline ' || b.number || ' is approved without a warrant of its kind'
             from programs_baseline b join programs_program p on p.id = b.program_id
             left join pmo_warrant w on w.id = b.warrant_id and w.program_id = b.program_id
            where b.origin = 'approved' and (w.id is null or w.kind not in ('baseline', 'change_request'))""",
        (),
    ),
    (
        """select p.code || ': ' || c.code || ' is applied without a warrant for the figures that were shown'
             from programs_changerequest c join programs_program p on p.id = c.program_id
             left join pmo_warrant w on w.id = c.warrant_id and w.program_id = c.program_id
            where c.state = 'applied' and (w.id is null or w.kind <> 'change_request' or not exists (
                    select 1 from programs_changeimpact i where i.request_id = c.id and i.sha256 = w.digest
                       and i.sha256 = encode(sha256(i.canonical), 'hex')))""",
        (),
    ),
    (
        """select p.code || ': ' || d.code || ' is withdrawn, or not, against what applied change requests say'
             from programs_deliverable d join programs_program p on p.id = d.program_id
            where (d.withdrawn_at is not null) <> exists (
                    select 1 from programs_changerequest c
                     where c.program_id = d.program_id and c.state = 'applied'
                       and (d.warrant_id is null or c.warrant_id = d.warrant_id)
                       and c.edits @> jsonb_build_array(jsonb_build_object('do', 'withdraw', 'deliverable', d.id)))""",
        (),
    ),
    (
        """select p.code || ': gate ' || g.code || ' of ' || pr.code || ' is decided without a warrant for it'
             from programs_gate g join programs_program p on p.id = g.program_id
             join programs_project pr on pr.id = g.project_id
             left join pmo_warrant w on w.id = g.warrant_id and w.program_id = g.program_id
            where (g.state in ('passed', 'stopped') or g.outcome <> '') and (w.id is null or w.kind <> 'gate')""",
        (),
    ),
    (
        """select p.code || ': gate ' || g.code || ' of ' || pr.code || ' passed before one that comes first'
             from programs_gate g join programs_program p on p.id = g.program_id
             join programs_project pr on pr.id = g.project_id
            where g.state = 'passed' and exists (select 1 from programs_gate e where e.project_id = g.project_id
                    and e.position < g.position and e.state <> 'passed')""",
        (),
    ),
    (
        """select p.code || ': gate ' || g.code || ' of ' || pr.code || ' passed with a mandatory criterion not met'
             from programs_gate g join programs_program p on p.id = g.program_id
             join programs_project pr on pr.id = g.project_id
            where g.state = 'passed' and g.outcome = 'proceed' and exists (select 1 from programs_gatecriterion c
                    where c.gate_id = g.id and c.mandatory and c.state not in ('met', 'not_applicable'))""",
        (),
    ),
    (
        """select p.code || ': a criterion of gate ' || g.code || ' was assessed by its own reviewer'
             from programs_gatecriterion c join programs_gate g on g.id = c.gate_id
             join programs_program p on p.id = c.program_id
             join programs_gatereviewer r on r.gate_id = g.id and r.person_id = c.assessed_by_id""",
        (),
    ),
    (
        """select p.code || ': artefact ' || a.id || ' is not what was built (checksum)'
             from pmo_artefact a join programs_program p on p.id = a.program_id
            where encode(sha256(a.content), 'hex') <> a.sha256 or length(a.content) <> a.size""",
        (),
    ),
    (
        """select p.code || ': invitation ' || i.id || ' was taken, and its role ' || r.role || ' was not given'
             from programs_invitation i join programs_program p on p.id = i.program_id
             join programs_invitedrole r on r.invitation_id = i.id
            where i.accepted_at is not null
              and not exists (select 1 from pmo_membership m
                               where m.program_id = i.program_id and m.user_id = i.accepted_by_id and m.role = r.role
                                 and m.project_id is not distinct from r.project_id)""",
        (),
    ),
    (
        """select p.code || ': ' || o.topic || ' ' || o.id || ' waits in the outbox since ' || o.due
             from pmo_outbox o join programs_program p on p.id = o.program_id
            where o.state in ('pending', 'handed') and o.due < now() - interval '1 day'""",
        (),
    ),
)


def check(cursor: Any) -> list[str]:
    """Faults in words; an empty list is a whole house."""
    faults: list[str] = []
    for sql, parameters in CHECKS:
        cursor.execute(sql, parameters)
        faults += [row[0] for row in cursor.fetchall()]
    return faults
