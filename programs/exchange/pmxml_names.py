"""What Primavera's P6 XML calls the columns and words of an XER file: read by `pmxml`, written by the export."""

from __future__ import annotations

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

COLUMNS: dict[str, tuple[str, dict[str, str]]] = {
    "WBS": (
        "PROJWBS",
        {
            "wbs_id": "ObjectId",
            "proj_id": "ProjectObjectId",
            "parent_wbs_id": "ParentObjectId",
            "seq_num": "SequenceNumber",
            "wbs_short_name": "Code",
            "wbs_name": "Name",
        },
    ),
    "Activity": (
        "TASK",
        {
            "task_id": "ObjectId",
            "proj_id": "ProjectObjectId",
            "wbs_id": "WBSObjectId",
            "clndr_id": "CalendarObjectId",
            "task_code": "Id",
            "task_name": "Name",
            "task_type": "Type",
            "status_code": "Status",
            "complete_pct_type": "PercentCompleteType",
            "phys_complete_pct": "PhysicalPercentComplete",
            "target_drtn_hr_cnt": "PlannedDuration",
            "remain_drtn_hr_cnt": "RemainingDuration",
            "act_start_date": "ActualStartDate",
            "act_end_date": "ActualFinishDate",
            "cstr_type": "PrimaryConstraintType",
            "cstr_date": "PrimaryConstraintDate",
            "cstr_type2": "SecondaryConstraintType",
            "cstr_date2": "SecondaryConstraintDate",
            "act_work_qty": "ActualLaborUnits",
            "remain_work_qty": "RemainingLaborUnits",
            "act_equip_qty": "ActualNonLaborUnits",
            "remain_equip_qty": "RemainingNonLaborUnits",
            "suspend_date": "SuspendDate",
            "expect_end_date": "ExpectedFinishDate",
            "external_early_start_date": "ExternalEarlyStartDate",
            "external_late_end_date": "ExternalLateFinishDate",
            "early_start_date": "EarlyStartDate",
            "early_end_date": "EarlyFinishDate",
            "late_start_date": "LateStartDate",
            "late_end_date": "LateFinishDate",
            "total_float_hr_cnt": "TotalFloat",
            "free_float_hr_cnt": "FreeFloat",
        },
    ),
    "ActivityNote": (
        "TASKMEMO",
        {
            "memo_id": "ObjectId",
            "task_id": "ActivityObjectId",
            "proj_id": "ProjectObjectId",
            "memo_type_id": "NotebookTopicObjectId",
            "memo_type": "NotebookTopicName",
            "task_memo": "Note",
        },
    ),
    "ProjectNote": (
        "WBSMEMO",
        {
            "wbs_memo_id": "ObjectId",
            "wbs_id": "WBSObjectId",
            "proj_id": "ProjectObjectId",
            "memo_type_id": "NotebookTopicObjectId",
            "memo_type": "NotebookTopicName",
            "wbs_memo": "Note",
        },
    ),
    "NotebookTopic": (
        "MEMOTYPE",
        {
            "memo_type_id": "ObjectId",
            "seq_num": "SequenceNumber",
            "eps_flag": "AvailableForEPS",
            "proj_flag": "AvailableForProject",
            "wbs_flag": "AvailableForWBS",
            "task_flag": "AvailableForActivity",
            "memo_type": "Name",
        },
    ),
    "Relationship": (
        "TASKPRED",
        {
            "task_id": "SuccessorActivityObjectId",
            "pred_task_id": "PredecessorActivityObjectId",
            "proj_id": "SuccessorProjectObjectId",
            "pred_proj_id": "PredecessorProjectObjectId",
            "pred_type": "Type",
            "lag_hr_cnt": "Lag",
        },
    ),
    "Resource": (
        "RSRC",
        {
            "rsrc_id": "ObjectId",
            "rsrc_short_name": "Id",
            "rsrc_name": "Name",
            "rsrc_type": "ResourceType",
            "email_addr": "EmailAddress",
        },
    ),
    "ResourceRate": (
        "RSRCRATE",
        {
            "rsrc_id": "ResourceObjectId",
            "cost_per_qty": "PricePerUnit",
            "max_qty_per_hr": "MaxUnitsPerTime",
            "start_date": "EffectiveDate",
        },
    ),
    "ResourceAssignment": (
        "TASKRSRC",
        {
            "task_id": "ActivityObjectId",
            "rsrc_id": "ResourceObjectId",
            "rsrc_type": "ResourceType",
            "target_qty_per_hr": "PlannedUnitsPerTime",
            "target_qty": "PlannedUnits",
            "target_cost": "PlannedCost",
            "act_reg_cost": "ActualCost",
        },
    ),
    "ActivityExpense": ("PROJCOST", {"task_id": "ActivityObjectId", "target_cost": "PlannedCost"}),
}
PROJECT = {
    "proj_id": "ObjectId",
    "proj_short_name": "Id",
    "proj_name": "Name",
    "clndr_id": "ActivityDefaultCalendarObjectId",
    "plan_start_date": "PlannedStartDate",
    "plan_end_date": "MustFinishByDate",
    "scd_end_date": "ScheduledFinishDate",
    "last_recalc_date": "DataDate",
}
CONSTRAINTS = {
    "Start On": "CS_MSO",
    "Start On or Before": "CS_MSOB",
    "Start On or After": "CS_MSOA",
    "Finish On": "CS_MEO",
    "Finish On or Before": "CS_MEOB",
    "Finish On or After": "CS_MEOA",
    "As Late As Possible": "CS_ALAP",
    "Mandatory Start": "CS_MANDSTART",
    "Mandatory Finish": "CS_MANDFIN",
}
WORDS: dict[tuple[str, str], dict[str, str]] = {
    ("TASK", "task_type"): {
        "Task Dependent": "TT_Task",
        "Resource Dependent": "TT_Rsrc",
        "Level of Effort": "TT_LOE",
        "Start Milestone": "TT_Mile",
        "Finish Milestone": "TT_FinMile",
        "WBS Summary": "TT_WBS",
    },
    ("TASK", "status_code"): {
        "Not Started": "TK_NotStart",
        "In Progress": "TK_Active",
        "Completed": "TK_Complete",
    },
    ("TASK", "complete_pct_type"): {"Duration": "CP_Drtn", "Units": "CP_Units", "Physical": "CP_Phys"},
    ("TASK", "cstr_type"): CONSTRAINTS,
    ("TASK", "cstr_type2"): CONSTRAINTS,
    ("TASKPRED", "pred_type"): {
        "Finish to Start": "PR_FS",
        "Start to Start": "PR_SS",
        "Finish to Finish": "PR_FF",
        "Start to Finish": "PR_SF",
    },
    ("RSRC", "rsrc_type"): {"Labor": "RT_Labor", "Nonlabor": "RT_Equip", "Material": "RT_Mat"},
    ("TASKRSRC", "rsrc_type"): {"Labor": "RT_Labor", "Nonlabor": "RT_Equip", "Material": "RT_Mat"},
}
LAG_CALENDARS = {
    "Predecessor Activity Calendar": "rcal_Predecessor",
    "Successor Activity Calendar": "rcal_Successor",
    "24 Hour Calendar": "rcal_24Hour",
    "Project Default Calendar": "rcal_ProjDefault",
}
