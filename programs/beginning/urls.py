"""Where a program begins, outside of every program's pages."""

from __future__ import annotations

from django.urls import path

from .views import begin

app_name = "beginning"
urlpatterns = [path("programs/begin/", begin, name="begin")]
