"""Earned value takes the bottom-up estimate from submitted forecasts. Registered when the app is ready."""

from __future__ import annotations

from finance.earned_value.inputs import FORECASTS
from finance.forecast.selectors import for_earned_value

FORECASTS.append(for_earned_value)
