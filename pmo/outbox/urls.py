"""Addresses of a program's outbox."""

from django.urls import path

from pmo.outbox import views

app_name = "outbox"
urlpatterns = [
    path("p/<str:code>/outbox/", views.listing, name="list"),
    path("p/<str:code>/outbox/<int:pk>/", views.row, name="row"),
    path("p/<str:code>/outbox/<int:pk>/again/", views.again, name="again"),
]
