"""Asking for a register as a file."""

from __future__ import annotations

from django import forms

from pmo.sheets import FORMATS


class LongFile(forms.Form):
    """Which format, and whether a mail says when it is there."""

    format = forms.ChoiceField(label="Format", choices=[(one, one.upper()) for one in FORMATS])
    mail = forms.BooleanField(label="Send me a mail when it is there", required=False)
