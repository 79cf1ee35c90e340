from importlib import import_module

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        """Register what governance says, shows, does by itself and reports."""
        for module in (
            "sentences",
            "nav",
            "search",
            "decisions.jobs",
            "decisions.standing_on",
            "meetings.open_again",
            "escalations.jobs",
            "escalations.agenda",
            "gates_due",
            "duties",
            "health.agenda",
            "packs.reports",
            "packs.meeting",
        ):
            import_module(f"governance.{module}")
