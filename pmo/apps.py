from importlib import import_module

from django.apps import AppConfig


class PmoConfig(AppConfig):
    name = "pmo"
    verbose_name = "Program office"

    def ready(self) -> None:
        """Register what the office says and shows: constraint sentences, navigation; and what proves an address."""
        for module in ("pmo.sentences", "pmo.nav", "pmo.accounts.proving"):
            import_module(module)
