"""What a person reads when the database, the referee, refuses a row of programs."""

from pmo.refusals import declare

TAKEN = "This code is taken already."

declare(
    {
        "programs_program_code_once": "Another program has this code.",
        "programs_program_currency": "A currency is three capital letters, such as EUR.",
        "programs_program_fiscal_month": "The fiscal year starts in a month from 1 to 12.",
        "programs_project_code_once": "The program has a project of this code already.",
        "programs_objective_code_once": TAKEN,
        "programs_objective_dates": "The target date lies after the baseline date.",
        "programs_reading_once_a_day": "There is a reading of that day already.",
        "programs_calendar_code_once": "The program has a calendar of this code already.",
        "programs_calendar_exception_once": "That day has an exception already.",
        "programs_activity_code_once": "This project has an activity of that code already.",
        "programs_activity_percent": "Percent complete lies between 0 and 100.",
        "programs_activity_actuals": "It cannot finish before it started.",
        "programs_activity_constraint_date": "This constraint needs a date.",
        "programs_activity_milestone_zero": "A milestone has no duration.",
        "programs_activity_duration_sane": "No activity lasts longer than thirty years.",
        "programs_activity_not_own_parent": "An activity cannot lie under itself.",
        "programs_dependency_once": "These two are linked this way already.",
        "programs_dependency_not_itself": "An activity cannot wait for itself.",
        "programs_health_once_a_day": "This plan was assessed by somebody else at the same moment.",
        "programs_status_number_once": "That status number exists already.",
        "programs_status_date_once": "The project has a status at that moment already.",
        "programs_progress_once": "This activity has progress at that status date already.",
        "programs_progress_percent": "Percent complete lies between 0 and 100.",
        "programs_baseline_number_once": "That baseline number exists already.",
        "programs_baseline_one_current": "A program has one current baseline.",
        "programs_baseline_approved_by_warrant": "A baseline is approved by a decision.",
        "programs_baseline_activity_once": "An activity stands once in a baseline.",
        "programs_baseline_activity_order": "A baseline cannot finish before it starts.",
        "programs_resource_code_once": TAKEN,
        "programs_resource_capacity": "A capacity is not negative.",
        "programs_assignment_once": "This resource is allocated to that activity already.",
        "programs_assignment_units": "Allocated units are more than nothing.",
        "programs_risk_code_once": TAKEN,
        "programs_risk_scores": "Probability and impact are from 1 to 5.",
        "programs_risk_exposure": "An exposure is not negative.",
        "programs_deliverable_code_once": TAKEN,
        "programs_requirement_code_once": TAKEN,
        "programs_requirement_acceptance_pair": "An acceptance has a day and a person.",
        "programs_requirement_four_eyes": "Who produced it cannot accept it.",
        "programs_planimport_acceptance": "An accepted import says when.",
        "programs_narrative_once_a_day": "The project has words for that day already.",
        "programs_dates_one_in_force": "Somebody computed this plan at the same moment. Please try again.",
    }
)
