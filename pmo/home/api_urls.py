"""Addresses of the API of a person's own things."""

from django.urls import path, re_path

from pmo.home.api import MeView, TokensView, TokenView

urlpatterns = [
    path("me/", MeView.as_view(), name="me"),
    path("me/tokens/", TokensView.as_view(), name="my-tokens"),
    re_path(r"^me/tokens/(?P<digest>[0-9a-f]{128})/$", TokenView.as_view(), name="my-token"),
]
