"""Pages of governance, under /p/<code>/."""

from django.urls import path

from governance.authority import views as authority
from governance.bodies import views as bodies
from governance.dashboards import load
from governance.dashboards import views as dashboards
from governance.decisions import views as decisions

app_name = "governance"

urlpatterns = [
    path("", dashboards.dashboard, name="dashboard"),
    path("since/", dashboards.since, name="since"),
    path("resource-load/", load.resource_load, name="resource-load"),
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/propose/", decisions.propose, name="propose"),
    path("decisions/chain.json", decisions.chain, name="chain"),
    path("decisions/<int:number>/", decisions.decision, name="decision"),
    path("decisions/<int:number>/vote/", decisions.vote, name="vote"),
    path("decisions/<int:number>/open/", decisions.open_ballot, name="open"),
    path("decisions/<int:number>/close/", decisions.close, name="close"),
    path("decisions/<int:number>/withdraw/", decisions.withdraw, name="withdraw"),
    path("bodies/", bodies.bodies, name="bodies"),
    path("bodies/add/", bodies.add_body, name="body-add"),
    path("bodies/<int:pk>/seats/add/", bodies.add_seat, name="seat-add"),
    path("authority/", authority.authority, name="authority"),
    path("authority/add/", authority.add_rule, name="rule-add"),
]
