"""Keeping working calendars: their week, their days off, who works by them, and what moves when they change.

Above `calendars` (tables) and `master_plan` (what would move), so that neither of them imports the other.
"""
