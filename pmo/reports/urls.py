"""Addresses of reports and subscriptions."""

from django.urls import path

from pmo.reports import subscription_views, views

app_name = "reports"
urlpatterns = [
    path("p/<str:code>/reports/", views.listing, name="list"),
    path("p/<str:code>/reports/request/", views.request_report, name="request"),
    path("p/<str:code>/reports/subscriptions/", subscription_views.listing, name="subscriptions"),
    path("p/<str:code>/reports/subscriptions/new/", subscription_views.subscribe, name="subscribe"),
    path("p/<str:code>/reports/subscriptions/<int:pk>/", subscription_views.edit, name="subscription"),
    path(
        "p/<str:code>/reports/subscriptions/<int:pk>/stop/", subscription_views.stop, name="stop-subscription"
    ),
    path("p/<str:code>/reports/<int:pk>/", views.run, name="run"),
    path("p/<str:code>/reports/<int:pk>/progress/", views.progress, name="progress"),
    path("p/<str:code>/reports/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("p/<str:code>/reports/<int:pk>/<str:format>/", views.download, name="download"),
]
