"""The address behind an invitation's link, outside of every program's pages."""

from django.urls import path

from programs.people.joining_views import invitation

app_name = "people"
urlpatterns = [path("invitation/<str:text>/", invitation, name="invitation")]
