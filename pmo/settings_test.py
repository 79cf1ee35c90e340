"""Settings of the tests: a throw-away cluster of their own, whatever servers the environment names.

The process that begins makes the place; xdist's workers and started programs inherit it by the environment.
"""

import os
import tempfile

if "PMO_TEST_OWNER" not in os.environ:
    os.environ["PMO_STATE_DIR"] = tempfile.mkdtemp(prefix="pmo-test-")
    os.environ["PMO_TEST_OWNER"] = str(os.getpid())
for _name in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_WORKER_URL", "DATABASE_RELAY_URL"):
    os.environ.pop(_name, None)  # no test ever touches a database that somebody uses
for _name in ("REDIS_URL", "REDIS_CACHE_URL", "PMO_HTTPS", "DEBUG", "EMAIL_HOST"):
    os.environ.pop(_name, None)
os.environ["PMO_PROCESS"] = "web"  # tests are served as pages are: by pmo_app

from pmo.settings import *  # noqa: E402, F403
from pmo.settings import CACHES as COUNTED_IN_POSTGRES  # noqa: E402, F401 - for the tests of just that

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a cast of eight signs in often
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
