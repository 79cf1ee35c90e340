"""Papers of capital requests as the API shows and takes them. Amounts are minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.capex.paper_forms import kinds
from finance.capex.papers import OF_REQUESTS
from pmo.api.fields import Choice, Day, Minor, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from pmo.attachments.models import Attachment


class KeptPaper(Row):
    """A paper of anything: its file, who added it and whether it still counts."""

    id = serializers.IntegerField()
    kind = Choice(choices=Attachment.Kind.choices)
    name = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    added_by = serializers.CharField(source="added_by__name")
    added_at = serializers.DateTimeField()
    withdrawn_by = serializers.CharField(source="withdrawal__withdrawn_by__name", allow_null=True)
    withdrawn_at = serializers.DateTimeField(source="withdrawal__withdrawn_at", allow_null=True)
    withdrawn_why = serializers.CharField(source="withdrawal__reason", allow_null=True)


class PaperRow(KeptPaper):
    """A paper of a capital request; `vendor`, `amount_minor`, `currency` and `quoted_on` are said of quotes."""

    capital_request = serializers.IntegerField(source="subject_id")
    vendor = serializers.CharField()
    amount_minor = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    quoted_on = Day(allow_null=True)


class Digits(Whole):
    """A whole number in a form of parts, where everything is text."""

    def to_internal_value(self, data: Any) -> int:
        if not (isinstance(data, str) and data.isascii() and data.isdigit() and len(data) <= 18):
            self.fail("invalid")
        value = int(data)
        self.run_validators(value)
        return value


class _Amount(Digits, Minor):
    """Minor units in a form of parts."""


class SentFile(StrictSerializer):
    """A file, with the version of what it belongs to as it was seen."""

    version = Digits()
    file = serializers.FileField(
        max_length=500, error_messages={"invalid": "Send exactly one file, under the name file."}
    )


class NewPaper(SentFile):
    """A file with what it is; `version` is the capital request's as it was seen."""

    capital_request = Digits()
    kind = Choice(choices=kinds(*OF_REQUESTS))
    vendor = Text(max_length=200, required=False, default="")
    amount_minor = _Amount(min_value=1, required=False, default=None)
    quoted_on = Day(required=False, default=None)


class PaperWithdrawal(StrictSerializer):
    """Why a paper no longer counts; `version` is the capital request's as it was seen."""

    version = Whole()
    reason = Text(max_length=400)
