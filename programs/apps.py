from importlib import import_module

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "programs"

    def ready(self) -> None:
        """Register what programs says and shows: constraint sentences, navigation, reports."""
        for module in (
            "programs.sentences",
            "programs.nav",
            "programs.search",
            "programs.schedule_health.jobs",
            "programs.master_plan.paper",
            "programs.status.standing_on",
            "programs.people.mailing",
        ):
            import_module(module)
