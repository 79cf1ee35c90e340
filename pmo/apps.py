from importlib import import_module

from django.apps import AppConfig


class PmoConfig(AppConfig):
    name = "pmo"
    verbose_name = "Program office"

    def ready(self) -> None:
        """Register what the office says and shows: constraint sentences, navigation."""
        for module in ("pmo.sentences", "pmo.nav"):
            import_module(module)
