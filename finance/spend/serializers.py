"""Spend as the API shows it; every amount is minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class SpendLine(serializers.Serializer[Any]):
    """Sums of one project, category, nature or period (`key`; null is the program itself)."""

    key = serializers.CharField(allow_null=True)
    budget_minor = serializers.IntegerField()
    reserved_minor = serializers.IntegerField()
    committed_minor = serializers.IntegerField()
    accrued_minor = serializers.IntegerField()
    actual_minor = serializers.IntegerField()
    left_minor = serializers.IntegerField()
    unfunded_minor = serializers.IntegerField()
    forecast_minor = serializers.IntegerField(allow_null=True)


class SpendAnswer(serializers.Serializer[Any]):
    """The ledger's sums as of a moment, cut four ways; each cut adds up to `total`."""

    at = serializers.DateTimeField()
    known = serializers.DateTimeField()
    currency = serializers.CharField()
    ledger_version = serializers.IntegerField()
    total = SpendLine()
    projects = SpendLine(many=True)
    categories = SpendLine(many=True)
    natures = SpendLine(many=True)
    periods = SpendLine(many=True)


class SpendRow(SpendLine):
    """A row of a cut; `parts` are its sums cut once more (rows of the same shape without parts)."""

    label = serializers.CharField()  # type: ignore[assignment]
    parts = serializers.ListField(child=serializers.DictField())


class RowsAnswer(serializers.Serializer[Any]):
    """Money cut as asked; with `costs_only` (a vendor was asked about) nothing but `actual_minor` means anything."""

    at = serializers.DateTimeField()
    known = serializers.DateTimeField()
    currency = serializers.CharField()
    ledger_version = serializers.IntegerField()
    by = serializers.CharField()
    then = serializers.CharField(allow_null=True)
    costs_only = serializers.BooleanField()
    total = SpendLine()
    rows = SpendRow(many=True)
    months = SpendLine(many=True)
