"""The address that calendar programs read, outside of every program's pages."""

from django.urls import path

from .views import milestones

app_name = "feeds"
urlpatterns = [path("calendar/<str:text>.ics", milestones, name="milestones")]
