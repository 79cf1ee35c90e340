"""Addresses of the API of reports."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from pmo.reports.api import Reports

router = SimpleRouter()
router.register("reports", Reports, basename="report")

urlpatterns = [path("programs/<str:code>/", include(router.urls))]
