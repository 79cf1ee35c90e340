"""The web server's entry."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from pmo import garbage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo.settings")

application = get_wsgi_application()
_ = get_resolver().url_patterns  # all views, so that no first request waits for them
garbage.settle()  # what is loaded by now is what stays
