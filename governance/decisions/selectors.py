"""Reads of decisions: what waits, the log, one ballot with its votes, the chain."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from governance.bodies.models import Seat
from governance.bodies.standing import absent_now, proxy_now
from governance.decisions.models import ChainHead, Decision, DecisionRecord, Elector, Vote
from governance.decisions.tally import Ballot, Tally, count

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Seated:
    """One line of the votes card: the elector and what he or she did (None: nothing yet)."""

    elector: Elector
    vote: Vote | None
    holds_proxy: str = ""
    """The name of who may vote for this seat by proxy."""
    empty_proxy: str = ""
    """The name of who was given a proxy that does not count: its giver has no right to vote any more."""

    def waits_for(self, person: Any) -> bool:
        """May this person cast the vote of this seat now: its holder, its proxy, an absent one's alternate?"""
        one: Any = self.elector  # `absent` is counted along by `seated`
        if not one.voting or one.recused or self.vote is not None:
            return False
        return person.pk in (one.person_id, one.proxy) or (
            one.alternate_id == person.pk and not one.alternate_barred and one.absent
        )

    @property
    def title(self) -> str:
        """What stands beside the name: the title outside, and the role where it is not plain member."""
        role = "" if self.elector.role == Seat.Role.MEMBER else self.elector.get_role_display().lower()
        return ", ".join(word for word in (self.elector.seat.title, role) if word)

    @property
    def stands_in(self) -> str:
        """Who voted for the holder, or who may: the alternate as frozen, and whether the holder is away now."""
        one: Any = self.elector
        if self.vote is not None:
            how = {"alternate": "alternate of the absent holder", "proxy": "by proxy"}.get(self.vote.capacity)
            return f"voted by {self.vote.cast_by.name}, {how}" if how else ""
        if one.recused or not one.voting:
            return ""
        said = []
        if one.alternate is not None and one.alternate_barred:
            said.append(f"alternate {one.alternate.name} may not vote on this: {one.alternate_barred}")
        elif one.alternate is not None:
            said.append(
                f"absent: {one.alternate.name} may vote" if one.absent else f"alternate {one.alternate.name}"
            )
        if self.holds_proxy:
            said.append(f"proxy given to {self.holds_proxy}")
        elif self.empty_proxy:
            said.append(
                f"the proxy given to {self.empty_proxy} does not count: {one.person.name} may vote no more"
            )
        return ", ".join(said)


def decisions(program_id: int) -> QuerySet[Decision]:
    """The program's decisions with what a list shows of them, the newest first."""
    return (
        Decision.objects.filter(program_id=program_id)
        .select_related("body", "rule", "requested_by", "record", "superseded_by")
        .defer("figures", "figures_canonical", "record__canonical")
        .order_by("-number")
    )


def waiting_for(program_id: int, user: Any) -> QuerySet[Decision]:
    """Open ballots in which this person's vote is still missing, for the own seat, as alternate or by proxy."""
    return decisions(program_id).filter(
        Exists(votes_of(user)), state=Decision.State.OPEN, closes_at__gt=Now()
    )


def votes_of(user: Any) -> QuerySet[Elector]:
    """The seats of the outer decision whose missing vote this person may cast now; for an EXISTS."""
    if user is None:  # a report is made for nobody in particular
        return Elector.objects.filter(decision=OuterRef("pk"), person=None)
    aside = Elector.objects.filter(
        Q(recused=True) | Q(vote__choice=Vote.Choice.RECUSE), decision=OuterRef("decision"), person=user
    )
    instead = Q(absent_now(user.pk), alternate=user, alternate_barred="") | Q(
        proxied=user.pk,
        decision__figures__proxies__gt=0,  # as frozen, as the database's guard asks
    )
    return Elector.objects.alias(proxied=proxy_now()).filter(
        Q(person=user) | Q(instead & ~Exists(aside)),  # who stands aside acts for no other seat
        decision=OuterRef("pk"),
        voting=True,
        recused=False,
        vote__isnull=True,
    )


def with_counts(program_id: int) -> QuerySet[Decision]:
    """The same with the seats that voted and the seats that could, in one statement however many there are."""
    return decisions(program_id).annotate(
        voted=Count("votes", distinct=True),
        voters=Count("electors", filter=Q(electors__voting=True, electors__recused=False), distinct=True),
    )


def open_ballots(program_id: int) -> list[Decision]:
    """Open ballots and drafts, the one that closes first on top."""
    live = with_counts(program_id).filter(state__in=[Decision.State.OPEN, Decision.State.DRAFT])
    return list(live.order_by("closes_at", "number"))


def overdue(program_id: int) -> list[Decision]:
    """Open ballots whose time is over by the database's clock."""
    return list(
        Decision.objects.filter(program_id=program_id, state=Decision.State.OPEN, closes_at__lte=Now())
    )


def seated(decision: Decision) -> list[Seated]:
    """The frozen electorate with its votes, the chair first."""
    electors = list(
        Elector.objects.filter(decision=decision)
        .select_related("person", "seat", "alternate", "vote", "vote__cast_by")
        .annotate(absent=absent_now(), proxy=proxy_now(), given=proxy_now(counts=False))
        .order_by("pk")
    )
    names = {elector.person_id: elector.person.name for elector in electors}
    if not decision.figures.get(
        "proxies"
    ):  # the rules that this ballot froze know none, whatever was given since
        for elector in electors:
            elector.proxy = elector.given = None
    return [
        Seated(
            elector,
            getattr(elector, "vote", None),
            names.get(elector.proxy, ""),
            names.get(elector.given, "") if elector.proxy is None else "",
        )
        for elector in electors
    ]


def castable(lines: Iterable[Seated], person: Any) -> list[Seated]:
    """The lines whose vote this person may cast now; who stands aside on the decision acts for no other seat."""
    whole = list(lines)
    aside = any(
        line.elector.person_id == person.pk
        and (line.elector.recused or (line.vote is not None and line.vote.choice == Vote.Choice.RECUSE))
        for line in whole
    )
    return [
        line
        for line in whole
        if line.waits_for(person) and not (aside and line.elector.person_id != person.pk)
    ]


def tally_of(lines: Iterable[Seated], options: int = 0) -> Tally:
    """The count as it stands; `options` is how many a free question has."""
    return count(
        (
            Ballot(
                line.elector.role,
                line.elector.voting,
                line.elector.recused,
                line.vote.choice if line.vote else "",
                (line.vote.option or 0) if line.vote else 0,
            )
            for line in lines
        ),
        options,
    )


def last_decided_at(program_id: int, before: datetime) -> datetime | None:
    """When the program's last decision was closed, at or before an instant."""
    return (
        Decision.objects.filter(program_id=program_id, state=Decision.State.DECIDED, decided_at__lte=before)
        .order_by("-decided_at")
        .values_list("decided_at", flat=True)
        .first()
    )


def decided_since(program_id: int, since: datetime, until: datetime) -> list[Decision]:
    """Decisions closed after `since`, up to `until`, the newest first."""
    return list(
        decisions(program_id)
        .filter(Q(state=Decision.State.DECIDED) | Q(state=Decision.State.WITHDRAWN, opened_at__isnull=False))
        .filter(decided_at__gt=since, decided_at__lte=until)
        .order_by("-decided_at")
    )


def chain_head(program_id: int) -> tuple[int, str]:
    """Where the chain ends: its length and the last hash in hex ("" for an empty chain)."""
    head = ChainHead.objects.filter(program_id=program_id).first()
    return (head.seq, bytes(head.hash).hex()) if head else (0, "")


def exported_chain(program_id: int) -> dict[str, Any]:
    """The whole chain as `governance/decisions/verify_chain.py` reads it."""
    seq, last = chain_head(program_id)
    records = DecisionRecord.objects.filter(program_id=program_id).order_by("seq")
    return {
        "program": program_id,
        "head": {"seq": seq, "hash": last},
        "records": [
            {
                "seq": record.seq,
                "at_us": (record.at - EPOCH) // timedelta(microseconds=1),
                "canonical": base64.b64encode(bytes(record.canonical)).decode(),
                "prev_hash": bytes(record.prev_hash).hex(),
                "hash": bytes(record.hash).hex(),
            }
            for record in records
        ],
    }
