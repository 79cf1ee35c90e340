"""Pages of governance, under /p/<code>/."""

from django.urls import path

from governance.asking import views as questions
from governance.authority import views as authority
from governance.bodies import views as bodies
from governance.dashboards import load
from governance.dashboards import views as dashboards
from governance.decisions import condition_views as conditions
from governance.decisions import log_views as log
from governance.decisions import views as decisions
from governance.escalations import views as escalations
from governance.health import views as health
from governance.meetings import action_views as actions
from governance.meetings import minutes_views as minutes
from governance.meetings import series_views as series
from governance.meetings import views as meetings
from governance.standing import views as standing
from governance.structure import views as structure

app_name = "governance"

urlpatterns = [
    path("", dashboards.dashboard, name="dashboard"),
    path("since/", dashboards.since, name="since"),
    path("resource-load/", load.resource_load, name="resource-load"),
    path("ratings/", health.ratings, name="ratings"),
    path("ratings/add/", health.add, name="rating-add"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/propose/", decisions.propose, name="propose"),
    path("decisions/ask/", questions.ask, name="question-add"),
    path("decisions/conditions/", conditions.register, name="conditions"),
    path("decisions/conditions/<int:pk>/report/", conditions.report, name="condition-report"),
    path("decisions/conditions/<int:pk>/met/", conditions.met, name="condition-met"),
    path("decisions/log/", log.log, name="decision-log"),
    path("decisions/chain.json", decisions.chain, name="chain"),
    path("decisions/<int:number>/", decisions.decision, name="decision"),
    path("decisions/<int:number>/vote/", decisions.vote, name="vote"),
    path("decisions/<int:number>/open/", decisions.open_ballot, name="open"),
    path("decisions/<int:number>/close/", decisions.close, name="close"),
    path("decisions/<int:number>/withdraw/", decisions.withdraw, name="withdraw"),
    path("meetings/", meetings.meetings, name="meetings"),
    path("meetings/calendar.ics", meetings.calendar, name="meetings-calendar"),
    path("meetings/add/", meetings.add_meeting, name="meeting-add"),
    path("meetings/series/add/", series.add_series, name="series-add"),
    path("meetings/series/<int:pk>/end/", series.end_series, name="series-end"),
    path("meetings/series/<int:pk>/call/", series.call_of_series, name="series-call"),
    path("meetings/<int:pk>/", meetings.meeting, name="meeting"),
    path("meetings/<int:pk>/move/", meetings.move, name="meeting-move"),
    path("meetings/<int:pk>/open/", meetings.open_meeting, name="meeting-open"),
    path("meetings/<int:pk>/close/", meetings.close_meeting, name="meeting-close"),
    path("meetings/<int:pk>/cancel/", meetings.cancel, name="meeting-cancel"),
    path("meetings/<int:pk>/pack/", meetings.pack, name="meeting-pack"),
    path("meetings/<int:pk>/agenda/", meetings.refresh, name="agenda-refresh"),
    path("meetings/<int:pk>/topics/", minutes.add_topic, name="topic-add"),
    path("meetings/<int:pk>/items/<int:item_pk>/", minutes.item, name="meeting-item"),
    path("meetings/<int:pk>/attendance/", minutes.attendance, name="attendance"),
    path("meetings/<int:pk>/minutes/<int:former_pk>/approve/", minutes.approve, name="minutes-approve"),
    path("meetings/<int:pk>/actions/", minutes.promise, name="meeting-action"),
    path("escalations/", escalations.escalations, name="escalations"),
    path("escalations/add/", escalations.add, name="escalation-add"),
    path("escalations/ladder/", escalations.edit_ladder, name="ladder"),
    path("escalations/<int:pk>/", escalations.escalation, name="escalation"),
    path("actions/", actions.register, name="actions"),
    path("actions/add/", actions.add, name="action-add"),
    path("actions/<int:pk>/", actions.action, name="action"),
    path("bodies/", bodies.bodies, name="bodies"),
    path("bodies/structure/", structure.chart, name="structure"),
    path("bodies/add/", bodies.add_body, name="body-add"),
    path("bodies/<int:pk>/rules/", bodies.rules, name="body-rules"),
    path("bodies/<int:pk>/seats/add/", bodies.add_seat, name="seat-add"),
    path("bodies/seats/<int:pk>/", standing.seat, name="seat"),
    path("authority/", authority.authority, name="authority"),
    path("authority/add/", authority.add_rule, name="rule-add"),
]
