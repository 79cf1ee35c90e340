from importlib import import_module

from django.apps import AppConfig


class FinanceConfig(AppConfig):
    name = "finance"

    def ready(self) -> None:
        """Register what finance says and shows: constraint sentences, navigation, search, reports."""
        import_module("finance.sentences").declare_all()
        for module in (
            "finance.nav",
            "finance.search",
            "finance.structure.fiscal_year",
            "finance.spend.reports",
            "finance.ledger.registers",
            "finance.ledger.journal_file",
            "finance.amendments.annex",
            "finance.conformity.certificate",
            "finance.conformity.checking",
            "finance.conformity.jobs",
            "finance.reserves.jobs",
            "finance.conformity.issuing",
            "finance.capitalisation.reclassifying",
            "finance.capex.hold_section",
            "finance.procurement.section",
            "finance.assets.section",
            "finance.earned_value.following",
            "finance.control_accounts.following",
            "finance.forecast.following",
            "finance.forecast.standing_on",
            "finance.duties",
        ):
            import_module(module)
