"""What follows earned value: accounts beyond the limits are asked about. Registered when the app is ready."""

from __future__ import annotations

from finance.control_accounts import services
from finance.earned_value.services import AFTER

AFTER.append(services.find)
