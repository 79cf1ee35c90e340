"""The API of assets and reviews: the same services as the pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from finance.assets import changing, services
from finance.assets.models import Asset, AssetChange, InvestmentReview
from finance.assets.serializers import (
    AssetChangeBack,
    AssetChangeRow,
    AssetRetirement,
    AssetRow,
    AssetWriteDown,
    Concluding,
    NewAsset,
    ReviewRow,
)
from finance.capex.models import CapitalRequest
from pmo.accounts.roles import Permission
from pmo.api import filters
from pmo.api.views import ProgramViewSet, ScopedView


class AssetFilters(filters.FilterSet):
    capital_request = filters.Whole(field_name="request_id")
    asset_class = filters.Choice(choices=CapitalRequest.AssetClass.choices)
    code = filters.Words(lookup_expr="iexact")


class Assets(ProgramViewSet):
    """Fixed assets."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = Asset.objects.all()
    serializer_class = AssetRow
    filterset_class = AssetFilters

    @extend_schema(request=AssetWriteDown, responses={201: AssetChangeRow})
    @action(detail=True, methods=["post"], url_path="write-down")
    def write_down(self, request: Request, code: str, pk: str) -> Response:
        """Take an amount off what is left of it."""
        return self._changed(pk, AssetWriteDown, changing.write_down)

    @extend_schema(request=AssetRetirement, responses={201: AssetChangeRow})
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, code: str, pk: str) -> Response:
        """It is out of service: all that is left is written off."""
        return self._changed(pk, AssetRetirement, changing.retire)

    def _changed(self, pk: str, shape: Any, service: Any) -> Response:
        with self.reading() as access:
            self.program(access, Permission.POST_ACTUALS)
            self.there(pk)
            found = Asset.objects.select_related("program").get(pk=pk)
            given = self.accepted(shape)
        return self.answer(service, _change, http_status=201, asset=found, **given)


class AssetChangeFilters(filters.FilterSet):
    asset = filters.Whole(field_name="asset_id")
    kind = filters.Choice(choices=AssetChange.Kind.choices)


class AssetChanges(ProgramViewSet):
    """What was written down of assets, and which were retired."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = AssetChange.objects.all()
    serializer_class = AssetChangeRow
    filterset_class = AssetChangeFilters

    @extend_schema(request=AssetChangeBack, responses={200: AssetChangeRow})
    @action(detail=True, methods=["post"], url_path="take-back")
    def take_back(self, request: Request, code: str, pk: str) -> Response:
        """It was a mistake: it counts no longer."""
        with self.reading() as access:
            self.program(access, Permission.POST_ACTUALS)
            self.there(pk)
            found = AssetChange.objects.get(pk=pk)
            given = self.accepted(AssetChangeBack)
        return self.answer(changing.take_back, _change, change=found, **given)


def _change(change: AssetChange) -> dict[str, Any]:
    row = AssetChangeRow.of(AssetChange.objects.filter(pk=change.pk)).get()
    return dict(AssetChangeRow().to_representation(row))


class HandingOver(ScopedView):
    """From what was spent on a request to an asset."""

    tag = "money"

    @extend_schema(request=NewAsset, responses={201: AssetRow})
    def post(self, request: Request, code: str, pk: int) -> Response:
        """Make an asset of a part of the request's actual cost."""
        with self.reading() as access:
            program = self.program(access, Permission.POST_ACTUALS)
            found = (
                CapitalRequest.objects.filter(program_id=program.pk, pk=pk).first() if pk < 2**63 else None
            )
            if found is None:
                raise Http404
        given = self.accepted(NewAsset)
        return self.answer(services.hand_over, _shown, http_status=201, capital_request=found, **given)


def _shown(asset: Asset) -> dict[str, Any]:
    row = AssetRow.of(Asset.objects.filter(pk=asset.pk)).get()
    return dict(AssetRow().to_representation(row))


class ReviewFilters(filters.FilterSet):
    state = filters.Choice(choices=InvestmentReview.State.choices)
    capital_request = filters.Whole(field_name="request_id")


class Reviews(ProgramViewSet):
    """Reviews of investments in service."""

    tag = "money"
    view_permission = Permission.VIEW_MONEY
    queryset = InvestmentReview.objects.all()
    serializer_class = ReviewRow
    filterset_class = ReviewFilters

    @extend_schema(request=Concluding, responses={200: ReviewRow})
    @action(detail=True, methods=["post"])
    def conclude(self, request: Request, code: str, pk: str) -> Response:
        """Look back; whoever asked for the money cannot."""
        with self.reading() as access:
            self.program(access, Permission.REVIEW_INVESTMENT)
            self.there(pk)
            found = InvestmentReview.objects.select_related("request").get(pk=pk)
        given = {"returns": {}, **self.accepted(Concluding)}
        return self.answer(services.review, self._row, review=found, **given)

    def _row(self, review: InvestmentReview) -> dict[str, Any]:
        return self.one(review.pk)
