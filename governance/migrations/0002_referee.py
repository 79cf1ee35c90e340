"""The database as referee of ballots: keys that cannot cross programs, guards of votes and decisions, the sealed chain."""

from django.db import migrations

from pmo.database.keys import within_program

B, R, D, E = "governance_body", "governance_authorityrule", "governance_decision", "governance_elector"
KEYS = (
    ("governance_seat", "body_id", B),
    (R, "body_id", B),
    (D, "body_id", B),
    (D, "rule_id", R),
    (D, "capital_request_id", "finance_capitalrequest"),
    (D, "budget_id", "finance_budget"),
    (D, "supersedes_id", D),
    (D, "warrant_id", "pmo_warrant"),
    (D, "record_id", "governance_decisionrecord"),
    (E, "decision_id", D),
    (E, "seat_id", "governance_seat"),
    ("governance_vote", "decision_id", D),
    ("governance_decisionrecord", "decision_id", D),
)
# A vote's elector is one of the same ballot.
VOTE_KEY = """ALTER TABLE governance_vote ADD CONSTRAINT governance_vote_elector_of_ballot
  FOREIGN KEY (decision_id, elector_id) REFERENCES governance_elector (decision_id, id)"""

APPEND_ONLY = ("governance_elector", "governance_vote", "governance_decisionrecord")

GUARDS = r"""
CREATE FUNCTION governance_forbid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'What was recorded in % is never changed or removed.', TG_TABLE_NAME USING ERRCODE = 'PR001';
END $$;

-- A vote: only while the ballot is open by the database's own clock, only by the person in a voting seat of the
-- frozen electorate, only on the figures that the ballot froze. FOR SHARE keeps the ballot open until we commit.
CREATE FUNCTION governance_vote_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  ballot record;
  elector record;
BEGIN
  SELECT d.number, d.state, d.closes_at, d.figures_sha256 INTO ballot
    FROM governance_decision d WHERE d.id = NEW.decision_id FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'There is no such ballot.' USING ERRCODE = 'PR001';
  END IF;
  IF ballot.state = 'draft' THEN
    RAISE EXCEPTION 'The ballot on D-% is not open yet.', ballot.number USING ERRCODE = 'PR002';
  END IF;
  IF ballot.state <> 'open' OR clock_timestamp() >= ballot.closes_at THEN
    RAISE EXCEPTION 'The ballot on D-% is closed.', ballot.number USING ERRCODE = 'PR002';
  END IF;
  SELECT e.person_id, e.voting, e.recused, e.recusal_reason INTO elector
    FROM governance_elector e WHERE e.id = NEW.elector_id AND e.decision_id = NEW.decision_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Only seats in the electorate of D-% vote on it.', ballot.number USING ERRCODE = 'PR001';
  END IF;
  IF NOT elector.voting THEN
    RAISE EXCEPTION 'This seat has no vote.' USING ERRCODE = 'PR001';
  END IF;
  IF elector.recused THEN
    RAISE EXCEPTION 'This seat is recused: %.', elector.recusal_reason USING ERRCODE = 'PR001';
  END IF;
  IF elector.person_id <> NEW.cast_by_id OR current_setting('app.user', true) IS DISTINCT FROM NEW.cast_by_id::text THEN
    RAISE EXCEPTION 'Nobody votes for somebody else.' USING ERRCODE = 'PR001';
  END IF;
  IF NEW.digest <> ballot.figures_sha256 THEN
    RAISE EXCEPTION 'This vote names other figures than those the ballot froze. Please read them again.'
      USING ERRCODE = 'PR002';
  END IF;
  NEW.at := clock_timestamp();
  RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT ON governance_vote FOR EACH ROW EXECUTE FUNCTION governance_vote_guard();

CREATE FUNCTION governance_elector_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
  ballot record;
BEGIN
  SELECT d.number, d.state INTO ballot FROM governance_decision d WHERE d.id = NEW.decision_id FOR SHARE;
  IF NOT FOUND OR ballot.state <> 'draft' THEN
    RAISE EXCEPTION 'The electorate of a ballot is frozen when it opens.' USING ERRCODE = 'PR001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT ON governance_elector FOR EACH ROW EXECUTE FUNCTION governance_elector_guard();

-- A decision: begins as a draft; once open, what was shown stays as shown; once closed, nothing changes.
CREATE FUNCTION governance_decision_guard() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'draft' THEN
      RAISE EXCEPTION 'A decision begins as a draft.' USING ERRCODE = 'PR001';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.state IN ('decided', 'withdrawn') THEN
    RAISE EXCEPTION 'D-% is closed: what was decided is never changed.', OLD.number USING ERRCODE = 'PR002';
  END IF;
  IF (OLD.program_id, OLD.number, OLD.subject_kind, OLD.subject_id)
     IS DISTINCT FROM (NEW.program_id, NEW.number, NEW.subject_kind, NEW.subject_id) THEN
    RAISE EXCEPTION 'D-% keeps its number and its subject.', OLD.number USING ERRCODE = 'PR001';
  END IF;
  IF OLD.state = 'draft' AND NEW.state = 'decided' THEN
    RAISE EXCEPTION 'D-% was never put to the vote.', OLD.number USING ERRCODE = 'PR001';
  END IF;
  IF OLD.state = 'open' THEN
    IF NEW.state = 'draft' THEN
      RAISE EXCEPTION 'An open ballot is closed or withdrawn, never taken back to a draft.' USING ERRCODE = 'PR001';
    END IF;
    IF (OLD.title, OLD.revision_sha256, OLD.question, OLD.recommendation, OLD.body_id, OLD.rule_id, OLD.voting_rule,
        OLD.quorum, OLD.closes_when_complete, OLD.amount_minor, OLD.exposure_minor, OLD.currency, OLD.requested_by_id,
        OLD.opened_at, OLD.opened_by_id, OLD.closes_at, OLD.figures, OLD.figures_canonical, OLD.figures_sha256)
       IS DISTINCT FROM
       (NEW.title, NEW.revision_sha256, NEW.question, NEW.recommendation, NEW.body_id, NEW.rule_id, NEW.voting_rule,
        NEW.quorum, NEW.closes_when_complete, NEW.amount_minor, NEW.exposure_minor, NEW.currency, NEW.requested_by_id,
        NEW.opened_at, NEW.opened_by_id, NEW.closes_at, NEW.figures, NEW.figures_canonical, NEW.figures_sha256) THEN
      RAISE EXCEPTION 'What the voters of D-% were shown cannot be changed.', OLD.number USING ERRCODE = 'PR001';
    END IF;
  END IF;
  IF NEW.state = 'open' AND NEW.figures_sha256 <> encode(sha256(NEW.figures_canonical), 'hex') THEN
    RAISE EXCEPTION 'The digest of D-% is not that of its figures.', OLD.number USING ERRCODE = 'PR001';
  END IF;
  IF NEW.state = 'decided' THEN
    PERFORM 1 FROM governance_decisionrecord r WHERE r.id = NEW.record_id AND r.decision_id = NEW.id;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'D-% has no sealed record of its own.', OLD.number USING ERRCODE = 'PR001';
    END IF;
    IF NEW.outcome = 'approved' THEN
      PERFORM 1 FROM governance_vote v WHERE v.decision_id = NEW.id AND v.choice = 'approve';
      IF NOT FOUND THEN
        RAISE EXCEPTION 'Nobody approved D-%.', OLD.number USING ERRCODE = 'PR001';
      END IF;
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE INSERT OR UPDATE ON governance_decision
  FOR EACH ROW EXECUTE FUNCTION governance_decision_guard();
CREATE TRIGGER b_keep BEFORE DELETE ON governance_decision FOR EACH ROW EXECUTE FUNCTION governance_forbid();
CREATE TRIGGER c_keep BEFORE TRUNCATE ON governance_decision FOR EACH STATEMENT EXECUTE FUNCTION governance_forbid();

-- The chain (trust.md 4.4): the head row is the lock, and the trigger alone chooses place, time and hash.
CREATE FUNCTION governance_seal() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  head governance_chainhead;
BEGIN
  INSERT INTO governance_chainhead (program_id, seq, hash) VALUES (NEW.program_id, 0, ''::bytea)
    ON CONFLICT (program_id) DO NOTHING;
  SELECT * INTO STRICT head FROM governance_chainhead WHERE program_id = NEW.program_id FOR UPDATE;
  NEW.seq := head.seq + 1;
  NEW.prev_hash := head.hash;
  NEW.at := clock_timestamp();
  NEW.hash := sha256(head.hash || int8send(NEW.program_id) || int8send(NEW.seq)
                     || int8send((extract(epoch FROM NEW.at) * 1000000)::bigint) || NEW.canonical);
  UPDATE governance_chainhead SET seq = NEW.seq, hash = NEW.hash WHERE program_id = NEW.program_id;
  RETURN NEW;
END $$;
CREATE TRIGGER a_seal BEFORE INSERT ON governance_decisionrecord FOR EACH ROW EXECUTE FUNCTION governance_seal();

CREATE FUNCTION governance_head_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.program_id <> OLD.program_id OR NEW.seq <> OLD.seq + 1 THEN
    RAISE EXCEPTION 'A chain only grows, one record at a time.' USING ERRCODE = 'PR001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER a_guard BEFORE UPDATE ON governance_chainhead FOR EACH ROW EXECUTE FUNCTION governance_head_guard();
CREATE TRIGGER b_keep BEFORE DELETE ON governance_chainhead FOR EACH ROW EXECUTE FUNCTION governance_forbid();
CREATE TRIGGER c_keep BEFORE TRUNCATE ON governance_chainhead FOR EACH STATEMENT EXECUTE FUNCTION governance_forbid();
"""

KEEP = [
    sql
    for table in APPEND_ONLY
    for sql in (
        f"CREATE TRIGGER b_keep BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION governance_forbid()",
        f"CREATE TRIGGER c_keep BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION governance_forbid()",
    )
]
FUNCTIONS = (
    "governance_vote_guard",
    "governance_elector_guard",
    "governance_decision_guard",
    "governance_seal",
    "governance_head_guard",
    "governance_forbid",
)


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]

    operations = [
        *within_program(*KEYS),
        migrations.RunSQL(
            VOTE_KEY, "ALTER TABLE governance_vote DROP CONSTRAINT governance_vote_elector_of_ballot"
        ),
        migrations.RunSQL(GUARDS, ";\n".join(f"DROP FUNCTION {name}() CASCADE" for name in FUNCTIONS)),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
