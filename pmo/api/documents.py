"""The OpenAPI document and its reader."""

from __future__ import annotations

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from pmo.api.views import ScopedView


class SchemaView(ScopedView, SpectacularAPIView):
    """The OpenAPI document, for who is signed in."""


class SwaggerView(ScopedView, SpectacularSwaggerView):
    """The OpenAPI document to read and try, without anything from elsewhere."""


schema_view = SchemaView.as_view()
swagger_view = SwaggerView.as_view(url_name="api-schema")
