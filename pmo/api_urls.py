"""Addresses of the API: each app's own, under one prefix."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "api"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("pmo.home.api_urls")),
    path("", include("pmo.reports.api_urls")),
    path("", include("programs.api_urls")),
    path("", include("finance.api_urls")),
    path("", include("governance.api_urls")),
]
