"""Governance in the API, under /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from governance.asking.api import FreeQuestions
from governance.authority.api import AuthorityRules
from governance.bodies.api import Bodies, Seats
from governance.decisions.api import Conditions, Decisions, Electors, Records
from governance.escalations.api import Escalations
from governance.health.api import Health
from governance.health.rating_api import StatedRatings
from governance.meetings.api import Actions, AgendaItems, Meetings, Series
from governance.standing.api import Absences, Alternates, Proxies

router = SimpleRouter()
router.register("bodies", Bodies, basename="body")
router.register("seats", Seats, basename="seat")
router.register("alternates", Alternates, basename="alternate")
router.register("absences", Absences, basename="absence")
router.register("proxies", Proxies, basename="proxy")
router.register("authority-rules", AuthorityRules, basename="authority-rule")
router.register("decisions", Decisions, basename="decision")
router.register("free-questions", FreeQuestions, basename="free-question")
router.register("meeting-series", Series, basename="meeting-series")
router.register("meetings", Meetings, basename="meeting")
router.register("agenda-items", AgendaItems, basename="agenda-item")
router.register("action-items", Actions, basename="action-item")
router.register("escalations", Escalations, basename="escalation")
router.register("decision-conditions", Conditions, basename="decision-condition")
router.register("stated-ratings", StatedRatings, basename="stated-rating")
router.register("electors", Electors, basename="elector")
router.register("records", Records, basename="record")

urlpatterns = [
    path("programs/<str:code>/health/", Health.as_view(), name="health"),
    path("programs/<str:code>/", include(router.urls)),
]
