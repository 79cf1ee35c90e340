from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "finance"

    def ready(self) -> None:
        """Say what the constraints mean."""
        from finance import sentences  # noqa: PLC0415 - only once the apps are loaded

        sentences.declare_all()
