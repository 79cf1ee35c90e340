"""Addresses of governance under one program."""

from django.urls import URLPattern

app_name = "governance"

urlpatterns: list[URLPattern] = []
