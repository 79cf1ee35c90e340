"""The web server's entry."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo.settings")

application = get_wsgi_application()
_ = get_resolver().url_patterns  # all views, so that no first request waits for them

from pmo import garbage  # noqa: E402  (what is loaded by now is what stays)

garbage.settle()
