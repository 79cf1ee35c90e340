"""The elements of MS Project's XML that the reader knows, read or knowingly left; any other is listed to the person."""

from __future__ import annotations

SKIPPED = frozenset(
    {
        "TimephasedData",
        "Views",
        "Filters",
        "Groups",
        "Tables",
        "Maps",
        "Reports",
        "Drawings",
        "DataLinks",
        "VBAProjects",
        "OutlineCodes",
        "WBSMasks",
        "ExtendedAttributes",
        "ProjectCustomFields",
    }
)
"""Passed over with all they hold: views, macros, custom field definitions, work by day."""

_BOTH = """UID GUID ID Name Type IsNull Start Finish Work RegularWork OvertimeWork ActualWork RemainingWork
    ActualOvertimeWork RemainingOvertimeWork PercentWorkComplete Cost OvertimeCost ActualCost ActualOvertimeCost
    RemainingCost RemainingOvertimeCost WorkVariance CostVariance SV CV ACWP BCWS BCWP CalendarUID ExtendedAttribute
    Baseline OutlineCode Notes Hyperlink HyperlinkAddress HyperlinkSubAddress ActualWorkProtected
    ActualOvertimeWorkProtected Summary Resume Stop BookingType CreationDate"""

_PROJECT = """
    UID GUID Name Title Subject Category Company Manager Author CreationDate Revision LastSaved
    SaveVersion BuildNumber ScheduleFromStart StartDate FinishDate FYStartDate CriticalSlackLimit
    CurrencyDigits CurrencySymbol CurrencyCode CurrencySymbolPosition CalendarUID BaselineCalendar
    DefaultStartTime DefaultFinishTime MinutesPerDay MinutesPerWeek DaysPerMonth DefaultTaskType
    DefaultFixedCostAccrual DefaultStandardRate DefaultOvertimeRate DurationFormat WorkFormat
    EditableActualCosts HonorConstraints EarnedValueMethod InsertedProjectsLikeSummary
    MultipleCriticalPaths NewTasksEffortDriven NewTasksEstimated SplitsInProgressTasks
    SpreadActualCost SpreadPercentComplete TaskUpdatesResource FiscalYearStart WeekStartDay
    MoveCompletedEndsBack MoveRemainingStartsBack MoveRemainingStartsForward
    MoveCompletedEndsForward BaselineForEarnedValue AutoAddNewResourcesAndTasks StatusDate
    CurrentDate MicrosoftProjectServerURL Autolink NewTaskStartDate NewTasksAreManual
    DefaultTaskEVMethod ProjectExternallyEdited ExtendedCreationDate ActualsInSync
    RemoveFileProperties AdminProject UpdateManuallyScheduledTasksWhenEditingLinks
    KeepTaskOnNearestWorkingTimeWhenMadeAutoScheduled
"""

KNOWN: dict[str, frozenset[str]] = {
    "Task": frozenset(
        (
            _BOTH
            + """ Active Manual Contact WBS WBSLevel OutlineNumber OutlineLevel Priority CreateDate Duration
    ManualStart ManualFinish ManualDuration DurationFormat FreeformDurationFormat ResumeValid EffortDriven Recurring
    OverAllocated Estimated Milestone DisplayAsSummary DisplaySummary Critical IsSubproject IsSubprojectReadOnly
    SubprojectName ExternalTask ExternalTaskProject EarlyStart EarlyFinish LateStart LateFinish StartVariance
    FinishVariance FreeSlack TotalSlack StartSlack FinishSlack FixedCost FixedCostAccrual PercentComplete ActualStart
    ActualFinish ActualDuration RemainingDuration ConstraintType ConstraintDate Deadline LevelAssignments
    LevelingCanSplit LevelingDelay LevelingDelayFormat PreLeveledStart PreLeveledFinish IgnoreResourceCalendar HideBar
    Rollup PhysicalPercentComplete EarnedValueMethod PredecessorLink IsPublished StatusManager CommitmentStart
    CommitmentFinish CommitmentType StartText FinishText DurationText VAC EAC"""
        ).split()
    ),
    "Resource": frozenset(
        (
            _BOTH
            + """ Initials Phonetics NTAccount MaterialLabel Code Group WorkGroup EmailAddress MaxUnits PeakUnits
    OverAllocated AvailableFrom AvailableTo CanLevel AccrueAt StandardRate StandardRateFormat OvertimeRate
    OvertimeRateFormat CostPerUse IsGeneric IsInactive IsEnterprise ActiveDirectoryGUID IsCostResource IsBudget
    AssnOwner AssnOwnerGuid CostCenter AvailabilityPeriods Rates"""
        ).split()
    ),
    "Assignment": frozenset(
        (
            _BOTH
            + """ TaskUID ResourceUID ActualFinish ActualStart Confirmed CostRateTable RateScale PeakUnits Delay
    FinishVariance HasFixedRateUnits FixedMaterial LevelingDelay LevelingDelayFormat LinkedFields Milestone
    Overallocated ResponsePending StartVariance Units UpdateNeeded VAC WorkContour BudgetCost BudgetWork AssnOwner
    AssnOwnerGuid"""
        ).split()
    ),
    "Calendar": frozenset(
        [
            "UID",
            "GUID",
            "Name",
            "IsBaseCalendar",
            "IsBaselineCalendar",
            "BaseCalendarUID",
            "WeekDays",
            "Exceptions",
            "WorkWeeks",
        ]
    ),
    "Project": frozenset(_PROJECT.split()),
}
"""By record: the children that the format defines."""
