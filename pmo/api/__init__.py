"""The machine's door (see views.py for what each app builds on)."""
