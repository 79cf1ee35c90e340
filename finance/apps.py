from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "finance"

    def ready(self) -> None:
        """Say what the constraints mean."""
        from finance import sentences

        sentences.declare_all()
