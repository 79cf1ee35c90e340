"""What a person reads when a constraint of governance says no (declared when the app is ready)."""

from pmo.refusals import declare

OTHER_PROGRAM = "This belongs to another program."
SENTENCES: dict[str, str] = {
    "governance_body_code_once": "There already is a body with this code in the program.",
    "governance_body_quorum": "A quorum is a number of voting seats, or a fraction of them up to the whole.",
    "governance_seat_votes_by_role": "Only the chair and members vote; secretaries and observers do not.",
    "governance_seat_term": "A term has at least one day.",
    "governance_seat_person_once": "This person holds a seat in this body in that time already.",
    "governance_seat_one_chair": "The body has a chair in that time already.",
    "governance_rule_code_once": "There already is a rule with this code in the program.",
    "governance_rule_limit": "A limit is above zero, and not larger than money can be.",
    "governance_rule_valid": "A rule holds for at least one day.",
    "governance_decision_number_once": "Somebody else proposed a decision at the same moment. Please try again.",
    "governance_decision_one_at_a_time": "A decision about this is under way already.",
    "governance_decision_subject": "A decision is about exactly one subject.",
    "governance_decision_opened": "An open ballot has figures, a beginning and a later end.",
    "governance_decision_decided": "A decision has an outcome and a sealed record, or is not decided.",
    "governance_decision_approved_by_warrant": "An approval has a warrant, and nothing else has.",
    "governance_decision_supersedes_id_key": "That decision is superseded already.",
    "governance_decision_record_id_key": "A sealed record belongs to one decision.",
    "governance_elector_once": "This person is in the electorate already.",
    "governance_elector_recusal": "A recusal says why.",
    "governance_vote_choice": "Approve, reject, abstain or stand aside.",
    "governance_vote_recusal_says_why": "Say why you stand aside.",
    "governance_vote_elector_id_key": "This seat has voted already. A vote cannot be changed.",
    "governance_vote_elector_of_ballot": "This seat is not in the electorate of this ballot.",
    "governance_record_seq_once": "This place in the chain is taken.",
    "governance_record_no_fork": "The chain does not fork.",
    "governance_decisionrecord_decision_id_key": "This decision is sealed already.",
    "governance_seat_body_id_in_program": OTHER_PROGRAM,
    "governance_authorityrule_body_id_in_program": OTHER_PROGRAM,
    "governance_decision_body_id_in_program": OTHER_PROGRAM,
    "governance_decision_rule_id_in_program": OTHER_PROGRAM,
    "governance_decision_capital_request_id_in_program": OTHER_PROGRAM,
    "governance_decision_change_request_id_in_program": OTHER_PROGRAM,
    "governance_decision_budget_id_in_program": OTHER_PROGRAM,
    "governance_decision_supersedes_id_in_program": OTHER_PROGRAM,
    "governance_decision_warrant_id_in_program": OTHER_PROGRAM,
    "governance_decision_record_id_in_program": OTHER_PROGRAM,
    "governance_elector_decision_id_in_program": OTHER_PROGRAM,
    "governance_elector_seat_id_in_program": OTHER_PROGRAM,
    "governance_vote_decision_id_in_program": OTHER_PROGRAM,
    "governance_decisionrecord_decision_id_in_program": OTHER_PROGRAM,
}

declare(SENTENCES)
