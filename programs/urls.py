"""Pages of programs, under /p/<code>/."""

from django.urls import path

from programs.baselines import linking_views
from programs.baselines import views as baseline_views
from programs.beginning import views as beginning
from programs.benefits import benefit_views as benefit_pages
from programs.benefits import reading_views
from programs.benefits import views as benefit_views
from programs.changes import assign_views as change_people
from programs.changes import edit_views as change_edits
from programs.changes import log_views as change_log
from programs.changes import new_activity_views as change_additions
from programs.changes import scope_views as change_scope
from programs.changes import views as changes
from programs.charter import outcome_views
from programs.charter import views as charter
from programs.deliverables import item_views as deliverable_items
from programs.deliverables.views import deliverables
from programs.exchange import source_views as plan_sources
from programs.exchange import undo_views as exchange_undo
from programs.exchange import views as exchange
from programs.exchange.export import views as export
from programs.feeds import views as feed_views
from programs.gates import part_views as gate_parts
from programs.gates import views as gate_views
from programs.lives import views as lives
from programs.master_plan import (
    activity_views,
    float_chain_views,
    interface_views,
    milestone_views,
    network_views,
    people_views,
    saved_views,
    sheet_views,
    structure_views,
    views,
)
from programs.master_plan.project_views import benefits, project, projects
from programs.people import views as people
from programs.raid import acceptance_views as acceptance
from programs.raid import issue_views
from programs.raid import views as raid
from programs.resources import deed_views as resource_deeds
from programs.resources import views as resources
from programs.resources.workload_views import workload_of, workload_page
from programs.risk_analysis import views as risk_analysis
from programs.schedule_health import views as health_views
from programs.status import sheet_views as progress_sheet
from programs.status import views as status_views
from programs.working_time import deed_views as working_time_deeds
from programs.working_time import views as working_time

app_name = "programs"

urlpatterns = [
    path("plan/", views.plan, name="plan"),
    path("plan/export.csv", views.plan_csv, name="plan-csv"),
    path("plan/export/<slug:kind>/", export.plan_as, name="plan-as"),
    path("plan/milestones/", milestone_views.milestones, name="milestones"),
    path("plan/paths/", float_chain_views.paths, name="paths"),
    path("plan/network/", network_views.network_page, name="network"),
    path("plan/interfaces/", interface_views.interfaces_page, name="interfaces"),
    path("plan/export.xlsx", views.plan_xlsx, name="plan-xlsx"),
    path("plan/views/", saved_views.save, name="plan-view-save"),
    path("plan/views/<int:pk>/drop/", saved_views.drop, name="plan-view-drop"),
    path("plan/edit/", sheet_views.edit, name="plan-edit"),
    path("plan/undo/", sheet_views.undo_or_redo, name="plan-undo"),
    path("plan/calendar/", feed_views.feeds, name="feeds"),
    path("plan/calendar/<int:pk>/end/", feed_views.end, name="feed-end"),
    path("plan/add/", structure_views.add, name="activity-add"),
    path("plan/<int:pk>/", activity_views.activity, name="activity"),
    path("plan/<int:pk>/would-move/", activity_views.what_if, name="would-move"),
    path("plan/<int:pk>/links/", structure_views.link, name="link"),
    path("plan/<int:pk>/links/would-move/", structure_views.link_what_if, name="link-would-move"),
    path("plan/<int:pk>/links/<int:link_pk>/remove/", structure_views.unlink, name="unlink"),
    path("plan/<int:pk>/remove/", structure_views.remove, name="activity-remove"),
    path("plan/people/", people_views.offers, name="plan-people"),
    path("plan/<int:pk>/people/", people_views.people, name="activity-people"),
    path("plan/<int:pk>/people/history/", people_views.people_history, name="activity-people-history"),
    path("plan/<int:pk>/people/<int:assignment_pk>/", people_views.share, name="activity-share"),
    path("status/", status_views.status, name="status"),
    path("status/progress/", progress_sheet.progress, name="progress"),
    path("status/progress/edit/", progress_sheet.progress_edit, name="progress-edit"),
    path("status/progress/undo/", progress_sheet.progress_undo, name="progress-undo"),
    path("status/<int:pk>/take-back/", status_views.take_back, name="status-take-back"),
    path("plan/health/", health_views.health, name="health"),
    path("plan/health/assess/", health_views.assess, name="health-assess"),
    path("plan/health/<int:number>/", health_views.point, name="health-point"),
    path("baselines/", baseline_views.baselines, name="baselines"),
    path("baselines/compare/", baseline_views.compare, name="baselines-compare"),
    path("baselines/compare/links/", linking_views.compare_links, name="baselines-compare-links"),
    path("baselines/compare/scope/", linking_views.compare_scope, name="baselines-compare-scope"),
    path("plan/projects/add/", beginning.add, name="project-add"),
    path("plan/projects/<int:pk>/edit/", beginning.edit, name="project-edit"),
    path("plan/projects/<int:pk>/move/", beginning.move, name="project-move"),
    path("plan/projects/<int:pk>/copy/", beginning.copy, name="project-copy"),
    path("plan/projects/<int:pk>/remove/", beginning.remove, name="project-remove"),
    path("projects/", projects, name="projects"),
    path("projects/<str:project_code>/state/", lives.state, name="project-state"),
    path("projects/<str:project_code>/", project, name="project"),
    path("changes/", change_log.changes, name="changes"),
    path("changes/add/", changes.add, name="change-add"),
    path("changes/<int:pk>/", changes.change, name="change"),
    path("changes/<int:pk>/edit/", changes.edit, name="change-edit"),
    path("changes/<int:pk>/compute/", changes.compute, name="change-compute"),
    path("changes/<int:pk>/submit/", changes.submit, name="change-submit"),
    path("changes/<int:pk>/withdraw/", changes.withdraw, name="change-withdraw"),
    path("changes/<int:pk>/simulate/", changes.simulate, name="change-simulate"),
    path("changes/<int:pk>/simulation/", changes.simulation, name="change-simulation"),
    path("changes/<int:pk>/simulation/stop/", changes.stop, name="change-simulation-stop"),
    path("changes/<int:pk>/choose/", change_edits.choose, name="change-choose"),
    path("changes/<int:pk>/assign/", change_people.assign, name="change-assign"),
    path("changes/<int:pk>/scope/", change_scope.scope, name="change-scope"),
    path("changes/<int:pk>/new/", change_additions.new, name="change-new"),
    path("changes/<int:pk>/edits/<int:number>/drop/", change_edits.drop, name="change-drop"),
    path("changes/<int:pk>/links/<int:link_pk>/remove/", change_edits.unlink, name="change-unlink"),
    path("changes/<int:pk>/activities/<int:activity_pk>/", change_edits.activity, name="change-activity"),
    path("changes/<int:pk>/activities/<int:activity_pk>/link/", change_edits.link, name="change-link"),
    path("changes/<int:pk>/activities/<int:activity_pk>/remove/", change_edits.remove, name="change-remove"),
    path("schedule-risk/", risk_analysis.simulations, name="simulations"),
    path("schedule-risk/ask/", risk_analysis.ask, name="simulation-ask"),
    path("schedule-risk/<int:pk>/", risk_analysis.simulation, name="simulation"),
    path("schedule-risk/<int:pk>/progress/", risk_analysis.progress, name="simulation-progress"),
    path("schedule-risk/<int:pk>/cancel/", risk_analysis.cancel, name="simulation-cancel"),
    path("resources/", resources.resources, name="resources"),
    path("resources/add/", resources.add, name="resource-add"),
    path("resources/<int:pk>/", resources.resource, name="resource"),
    path("resources/<int:pk>/copy/", resource_deeds.copy, name="resource-copy"),
    path("resources/<int:pk>/retire/", resource_deeds.retire, name="resource-retire"),
    path("resources/<int:pk>/days/", resource_deeds.availability, name="resource-days"),
    path(
        "resources/<int:pk>/days/<int:line>/end/", resource_deeds.availability_end, name="resource-days-end"
    ),
    path("resources/<int:pk>/back/", resource_deeds.bring_back, name="resource-back"),
    path("resources/<int:pk>/remove/", resource_deeds.remove, name="resource-remove"),
    path("calendars/", working_time.calendars, name="calendars"),
    path("calendars/add/", working_time.add, name="calendar-add"),
    path("calendars/<int:pk>/", working_time.calendar, name="calendar"),
    path("calendars/<int:pk>/would-move/", working_time.would_move, name="calendar-would-move"),
    path("calendars/<int:pk>/copy/", working_time_deeds.copy, name="calendar-copy"),
    path("calendars/<int:pk>/remove/", working_time_deeds.remove, name="calendar-remove"),
    path("plan/workload/", workload_page, name="workload"),
    path("plan/workload/<int:pk>/", workload_of, name="workload-of"),
    path("deliverables/", deliverables, name="deliverables"),
    path("plan/projects/<int:pk>/outcomes/add/", outcome_views.add, name="outcome-add"),
    path("plan/outcomes/<int:pk>/edit/", outcome_views.edit, name="outcome-edit"),
    path("plan/outcomes/<int:pk>/seen/", outcome_views.see, name="outcome-seen"),
    path("plan/outcomes/<int:pk>/remove/", outcome_views.remove, name="outcome-remove"),
    path("settings/", charter.settings, name="settings"),
    path("members/", people.members, name="members"),
    path("members/invite/", people.invite, name="invite"),
    path("members/invite/several/", people.invite_many, name="invite-many"),
    path("members/invitations/<int:pk>/send/", people.send_again, name="invitation-send"),
    path("members/invitations/<int:pk>/withdraw/", people.withdraw, name="invitation-withdraw"),
    path("members/<int:pk>/", people.member, name="member"),
    path("members/<int:pk>/end/", people.end_membership, name="member-end"),
    path("deliverables/add/", deliverable_items.add, name="deliverable-add"),
    path("deliverables/<int:pk>/", deliverable_items.deliverable, name="deliverable"),
    path("deliverables/requirements/<int:pk>/", deliverable_items.requirement, name="requirement"),
    path("deliverables/requirements/<int:pk>/accept/", deliverable_items.accept, name="requirement-accept"),
    path(
        "deliverables/requirements/<int:pk>/take-back/",
        deliverable_items.take_back,
        name="requirement-take-back",
    ),
    path("benefits/map/", benefit_views.benefits_page, name="benefits-map"),
    path("benefits/map/<int:pk>/link/", benefit_views.link, name="benefit-link"),
    path("benefits/map/<int:pk>/end/", benefit_views.end, name="benefit-unlink"),
    path("benefits/map/<int:pk>/how/", benefit_pages.how, name="benefit-how"),
    path("benefits/add/", benefit_pages.add, name="benefit-add"),
    path("benefits/<int:pk>/", benefit_pages.benefit, name="benefit"),
    path("benefits/<int:pk>/edit/", benefit_pages.edit, name="benefit-edit"),
    path("benefits/<int:pk>/retire/", benefit_pages.retire, name="benefit-retire"),
    path("benefits/<int:pk>/restore/", benefit_pages.restore, name="benefit-restore"),
    path("benefits/<int:pk>/read/", reading_views.read, name="reading-add"),
    path("benefits/readings/<int:pk>/", reading_views.correct, name="reading"),
    path("benefits/", benefits, name="benefits"),
    path("import/", exchange.imports, name="imports"),
    path("import/sources/", plan_sources.sources, name="plan-sources"),
    path("import/sources/add/", plan_sources.add, name="plan-source-add"),
    path("import/sources/<int:pk>/", plan_sources.source, name="plan-source"),
    path("import/sample/", exchange.sample, name="import-sample"),
    path("import/sample.zip", exchange.sample_file, name="import-sample-file"),
    path("import/<int:pk>/", exchange.plan_import, name="import"),
    path("import/<int:pk>/problems.csv", exchange.problems_file, name="import-problems"),
    path("import/<int:pk>/again/", exchange.again, name="import-again"),
    path("import/<int:pk>/drop/", exchange.drop, name="import-drop"),
    path("import/<int:pk>/undo/", exchange_undo.undo, name="import-undo"),
    path("import/<int:pk>/kept.csv", exchange_undo.kept_file, name="import-kept"),
    path("gates/", gate_views.gates, name="gates"),
    path("gates/add/", gate_views.add, name="gate-add"),
    path("gates/<int:pk>/", gate_views.gate, name="gate"),
    path("gates/<int:pk>/edit/", gate_views.edit, name="gate-edit"),
    path("gates/<int:pk>/criteria/add/", gate_parts.add_criterion, name="gate-criterion-add"),
    path("gates/<int:pk>/criteria/<int:criterion_pk>/", gate_parts.criterion, name="gate-criterion"),
    path(
        "gates/<int:pk>/criteria/<int:criterion_pk>/words/",
        gate_parts.criterion_words,
        name="gate-criterion-words",
    ),
    path(
        "gates/<int:pk>/criteria/<int:criterion_pk>/remove/",
        gate_parts.remove_criterion,
        name="gate-criterion-remove",
    ),
    path("gates/<int:pk>/reviewers/", gate_parts.name_reviewer, name="gate-reviewer-add"),
    path(
        "gates/<int:pk>/reviewers/<int:reviewer_pk>/release/",
        gate_parts.release_reviewer,
        name="gate-reviewer-release",
    ),
    path("gates/<int:pk>/submit/", gate_parts.submit, name="gate-submit"),
    path("gates/<int:pk>/take-back/", gate_parts.take_back, name="gate-take-back"),
    path("gates/<int:pk>/opinion/", gate_parts.opinion, name="gate-opinion"),
    path("risks/", raid.risks, name="risks"),
    path("risks/add/", raid.risk_add, name="risk-add"),
    path("risks/<int:pk>/", raid.risk, name="risk"),
    path("risks/<int:pk>/occurred/", issue_views.risk_occurred, name="risk-occurred"),
    path("issues/", issue_views.listing, name="issues"),
    path("issues/add/", issue_views.add, name="issue-add"),
    path("issues/<int:pk>/", issue_views.issue, name="issue"),
    path("issues/<int:pk>/edit/", issue_views.edit, name="issue-edit"),
    path("risks/<int:pk>/accept/", acceptance.ask, name="risk-accept"),
    path("risk-acceptances/<int:pk>/withdraw/", acceptance.withdraw, name="risk-acceptance-withdraw"),
]
