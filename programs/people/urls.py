"""Addresses of people outside of every program's pages: an invitation's link, the office's accounts, my profile."""

from django.urls import path

from programs.people import office_views
from programs.people.joining_views import invitation

app_name = "people"
urlpatterns = [
    path("invitation/<str:text>/", invitation, name="invitation"),
    path("people/", office_views.people, name="people"),
    path("people/<int:pk>/", office_views.person, name="person"),
    path("people/<int:pk>/deactivate/", office_views.deactivate, name="deactivate"),
    path("people/<int:pk>/reactivate/", office_views.reactivate, name="reactivate"),
    path("me/", office_views.me, name="me"),
]
