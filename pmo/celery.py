"""Celery behind the relay: heavy work only, and one dumb clock. Values as measured in trust.md 4.11."""

import os

from celery import Celery, signals
from kombu import Exchange, Queue

from pmo import garbage

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pmo.settings")

QUEUES = ("default", "mail", "reports", "imports", "simulation")

app = Celery("pmo")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,  # attempts are counted in the outbox row, so that poison cannot loop
    task_acks_on_failure_or_timeout=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=540,
    task_time_limit=600,
    broker_transport_options={
        "visibility_timeout": 900,  # longer than the hardest limit
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,  # the default sweep is 100 s
        "socket_timeout": 3,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 15,
        "global_keyprefix": "pmo:",
    },
    task_publish_retry=False,
    broker_connection_retry_on_startup=True,
    worker_soft_shutdown_timeout=20,
    worker_max_tasks_per_child=200,
    worker_max_memory_per_child=400_000,
    worker_hijack_root_logger=False,
    task_default_queue="default",
    # Without an exchange and key of its own each queue would get a copy of every task.
    task_queues=[Queue(name, Exchange(name), routing_key=name) for name in QUEUES],
    task_default_exchange="default",
    task_routes={
        "mail.*": {"queue": "mail"},
        "report.*": {"queue": "reports"},
        "import.*": {"queue": "imports"},
        "simulation.*": {"queue": "simulation"},
    },
    task_create_missing_queues=False,
    timezone="UTC",
    # What the office does by itself, in one place: each entry one call.
    beat_schedule={
        "due subscriptions become report runs": {"task": "clock.subscriptions", "schedule": 60.0},
        "overdue ballots close": {"task": "clock.ballots", "schedule": 60.0},
        "edited plans are assessed": {"task": "clock.schedule_health", "schedule": 60.0},
        "budget policies are checked": {"task": "clock.policy", "schedule": 3600.0},
        "expectations of the reserves are kept": {"task": "clock.reserves", "schedule": 3600.0},
        "conditions fall due": {"task": "clock.conditions", "schedule": 3600.0},
        "escalations climb": {"task": "clock.escalations", "schedule": 600.0},
        "stale work is swept": {"task": "clock.sweep", "schedule": 300.0},
    },
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.celeryd_after_setup.connect(weak=False)
def _settled(**_: object) -> None:
    """Reports and imports make millions of objects and few cycles. The processes that are forked inherit it."""
    garbage.settle()
