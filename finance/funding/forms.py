"""The form of a capital program's file."""

from __future__ import annotations

from django import forms

from pmo.refusals import Refused


class FundingForm(forms.Form):
    """The file, the columns of its steps, and how its sources are grouped; checked for good by the service."""

    file = forms.FileField(label="CSV file")
    steps = forms.CharField(
        label="Columns of amounts",
        max_length=800,
        help_text="In the order in which they were decided, separated by commas: agency_amt, planning_amt, budget_amt.",
    )
    funds = forms.CharField(
        label="Groups of sources",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line: the group, and how the codes of its sources begin (Bonds: 1, 657). "
        "Without groups each source is a column.",
    )

    def refuse(self, refusal: Refused) -> None:
        """Say at its field what the service did not accept."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)
