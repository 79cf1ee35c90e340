"""What a person reads when the database, the referee, refuses a row of the office itself."""

from pmo.refusals import declare

declare(
    {
        "pmo_user_email_key": "This address is taken.",
        "pmo_user_email_lower": "An address is kept in small letters.",
        "pmo_accountmove_by_another": "Nobody deactivates or reactivates the own account.",
        "pmo_accountmove_reason": "Say why.",
        "pmo_membership_term": "A role cannot end before it begins.",
        "pmo_membership_project_of_manager": "A project manager needs a project.",
        "pmo_warrant_once": "This decision has given its warrant already.",
        "pmo_outbox_key_once": "This is in the outbox already.",
        "pmo_reportrun_percent": "Progress is at most 100 percent.",
        "pmo_artefact_once": "This run has that file already.",
        "pmo_subscription_once": "There is a subscription of that kind already.",
        "pmo_subscription_days": "A weekday is from 0 to 6, a day of the month from 1 to 31.",
        "pmo_attachment_size": "A paper has at least one byte and at most 10 MB.",
        "pmo_attachment_bytes": "Size and digest of a paper are those of its bytes.",
        "pmo_attachment_quote": "A quote says whose it is, its amount and its day; other papers say none of these.",
        "pmo_attachmentwithdrawal_reason": "Say why the paper is withdrawn.",
        "pmo_attachmentwithdrawal_attachment_id_key": "This paper is withdrawn already.",
        "pmo_occurrence_once": "This sending was made already.",
    }
)
