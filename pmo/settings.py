"""Settings from the environment; every default is the embedded, single-machine one."""

import os
from pathlib import Path
from typing import Any

import dj_database_url
import pghistory
from csp.constants import NONE, SELF

from pmo import embedded
from pmo.settings_api import REST_FRAMEWORK as REST_FRAMEWORK
from pmo.settings_api import REST_KNOX as REST_KNOX
from pmo.settings_api import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS

BASE_DIR = Path(__file__).resolve().parent.parent


def flag(name: str, default: bool) -> bool:
    """A yes/no variable: 1, true, yes, on (any case) mean yes."""
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


# ------------------------------------------------------------------ who we are
HTTPS = flag("PMO_HTTPS", False)
DEBUG = flag("DEBUG", False)
PROCESS = os.environ.get(
    "PMO_PROCESS", "web"
)  # web, worker, beat, relay, command: chooses the database login
SECRET_KEY = os.environ.get("SECRET_KEY") or embedded.secret_key()
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split() if key]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1 localhost [::1]").replace(",", " ").split()
CSRF_TRUSTED_ORIGINS = os.environ.get("CSRF_TRUSTED_ORIGINS", "").replace(",", " ").split()
SITE_URL = os.environ.get("PMO_SITE_URL", "http://127.0.0.1:8000")
MAIL_DOMAIN = os.environ.get("PMO_MAIL_DOMAIN", "pmo.invalid")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "pghistory",
    "pmo.apps.PmoConfig",
    "programs.apps.ProgramsConfig",
    "finance.apps.FinanceConfig",
    "governance.apps.GovernanceConfig",
]

MIDDLEWARE = [
    "pmo.http.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pmo.http.SessionAgeMiddleware",
    "pmo.http.HtmxLoginMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "pmo.http.PrivateResponsesMiddleware",
    "pmo.http.ReadScopeMiddleware",
]
ROOT_URLCONF = "pmo.urls"
WSGI_APPLICATION = "pmo.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pmo.shell.shell",
            ],
            "builtins": ["template_partials.templatetags.partials", "pmo.templatetags.office"],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]

# ------------------------------------------------------------------ data
_LOGINS = {"worker": ("DATABASE_WORKER_URL", "pmo_worker"), "relay": ("DATABASE_RELAY_URL", "pmo_relay")}
_variable, _role = _LOGINS.get(PROCESS, ("DATABASE_URL", "pmo_app"))
_served = os.environ.get(_variable) or os.environ.get("DATABASE_URL")
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        _served or embedded.database_url(_role), conn_max_age=60, conn_health_checks=True
    )
}
# The owner's login is there only for migrate, grants, verify and backups (decisions.md 1).
_owner = os.environ.get("DATABASE_OWNER_URL") or (None if _served else embedded.database_url("pmo_owner"))
if _owner:
    DATABASES["owner"] = dj_database_url.parse(_owner, conn_max_age=0)
    DATABASES["owner"]["TEST"] = {"MIRROR": "default"}
if flag("PMO_PGBOUNCER", False):
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DATABASE_ROUTERS: list[str] = []
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CELERY_BROKER_URL = os.environ.get("REDIS_URL") or embedded.redis_url(0, celery=True)
CACHES = {
    # What allauth counts its limits in: beside the accounts, so that signing in neither waits for Redis nor becomes
    # free to guess at when Redis is away (docs/adr/0062).
    "default": {
        "BACKEND": "pmo.cache.JsonCache",
        "LOCATION": "pmo_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # What may be lost at any moment.
    "passing": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ.get("REDIS_CACHE_URL")
        or (os.environ["REDIS_URL"] if os.environ.get("REDIS_URL") else embedded.redis_url(1)),
        "KEY_PREFIX": "pmo-cache",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(embedded.STATE / "beat-schedule")

# One context per transaction, kept on each history row, so that a row tells by itself who, when and why.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_CONTEXT_ID_FIELD = pghistory.ContextUUIDField()
PGHISTORY_DEFAULT_TRACKERS = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(db_index=True)
PGHISTORY_CREATED_AT_FUNCTION = "CLOCK_TIMESTAMP()"

# ------------------------------------------------------------------ people
AUTH_USER_MODEL = "pmo.User"
KNOX_TOKEN_MODEL = "pmo.ApiToken"  # noqa: S105 - the name of a table
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "pmo:home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "pmo.accounts.adapter.Adapter"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "pmo.accounts.resetting.ResetTokens"  # noqa: S105 - a class, no secret
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {
    "login": "50/15m/ip",
    "login_failed": "20/15m/ip,5/15m/key",
    "reset_password": "3/h/key",
}
ACCOUNT_LOGOUT_ON_GET = False
# Proxies between a person and this process: so many addresses at the end of X-Forwarded-For are not the client's own
# word. 0: the header is not read, and the address is the connection's (see Adapter.get_client_ip).
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("PMO_TRUSTED_PROXIES", "0"))
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SESSION_ENGINE = (
    "django.contrib.sessions.backends.db"  # the database, not Redis: pages work without the broker
)
SESSION_COOKIE_NAME = "__Host-sid" if HTTPS else "sid"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "pmo.http.csrf_failure"

# ------------------------------------------------------------------ headers
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    SECURE_SSL_REDIRECT = flag("PMO_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_HANDLERS = [
    "pmo.http.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_LIMIT_BYTES = 20 << 20

# ------------------------------------------------------------------ files, language, time
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()
if WHITENOISE_USE_FINDERS:  # a checkout that ran no collectstatic serves the sources
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    STATIC_ROOT.mkdir(exist_ok=True)
LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# ------------------------------------------------------------------ mail
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")  # empty: mails stay on the outbox page, nothing is sent
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10
if not EMAIL_HOST:  # what allauth mails (a forgotten password) lands in files of this machine's state
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(embedded.STATE / "mail")
OUTBOX_LEASE_SECONDS = float(
    os.environ.get("PMO_OUTBOX_LEASE_SECONDS", "30")
)  # silence after which a worker is dead
COMPUTE_IN_REQUEST_UP_TO = int(
    os.environ.get("PMO_COMPUTE_IN_REQUEST_UP_TO", "20000")
)  # activities; beyond, a worker computes the dates
DEFAULT_FROM_EMAIL = os.environ.get("PMO_MAIL_FROM", f"Program Office <office@{MAIL_DOMAIN}>")

# ------------------------------------------------------------------ logs: JSON lines, allow-listed fields only
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "pmo.logs.JsonLine"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("PMO_LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
