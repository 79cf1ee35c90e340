from importlib import import_module

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        """Register what governance says, shows, reports and does by itself."""
        for module in ("governance.sentences", "governance.nav", "governance.decisions.jobs", "governance.packs.reports"):
            import_module(module)
