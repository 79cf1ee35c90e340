"""What follows new progress: earned value is asked for at every status date. Registered when the app is ready."""

from __future__ import annotations

from finance.earned_value.refreshing import ask
from programs.schedule.reported import AFTER

AFTER.append(ask)
