"""Link by hand: these payments of ours and these lines of the partner are the same money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.application.access import Person
from gateway.application.break_effects import at_stake
from gateway.application.break_reading import entries as entry_views
from gateway.application.break_reading import fetch
from gateway.application.break_reading import payments as payment_views
from gateway.application.break_uses import require_linkable
from gateway.application.decision_params import number
from gateway.application.desk import Desk
from gateway.application.link_words import rows_named
from gateway.errors import Conflict, NotFound
from gateway.reconciliation.break_decisions import AT_STAKE, Decision, Entry, Target, append, append_batch


def link(
    desk: Desk, person: Person, target: Target, row: Mapping[str, Any], reason: str, params: Mapping[str, object]
) -> int:
    """Decide the row and every other undecided row that lies wholly within the link, of any day; the row's decision.

    ``params``: numbers of ``payments`` and ``entries``, or their ``references``. Both
    sides must be the same amount. Raises NotFound ``entry-unknown``; Conflict ``amount-does-not-fit``,
    ``link-not-possible`` where an entry is matched, linked or used already.
    """
    words = str(params.get("references") or "")
    named = rows_named(desk, target, words)
    payments = sorted({*row["payment_pks"], *_numbers(params.get("payments")), *named[0]})
    entries = sorted({*row["entry_pks"], *_numbers(params.get("entries")), *named[1]})
    _require_same_money(desk, target, payments, entries)
    _require_free(desk, target, row, payments, entries)
    others = _covered(desk, target, payments, entries)
    targets = [target, *(Target(target.partner, one["business_on"], one["version"], one["row_key"]) for one in others)]
    amounts = [at_stake(one) for one in (row, *others)]
    now = desk.clock.now()
    batch = append_batch(desk.connection, Decision.LINK, targets, sum(amounts), person.user, now)
    told: dict[str, object] = {"payments": payments, "entries": entries}
    made = [
        append(
            desk.connection,
            Entry(one, Decision.LINK, reason.strip(), amount, told, batch_pk=batch),
            person.user,
            now,
        )
        for one, amount in zip(targets, amounts, strict=True)
    ]
    return made[0]


def _require_same_money(desk: Desk, target: Target, payments: list[int], entries: list[int]) -> None:
    paid, lines = payment_views(desk, payments), entry_views(desk, target.partner, entries)
    owners = fetch(
        desk,
        "SELECT count(*) AS n FROM gateway.payment WHERE payment_pk = ANY (%(pks)s) AND partner = %(partner)s",
        {"pks": payments, "partner": target.partner},
    )[0]["n"]
    if len(lines) != len(entries) or owners != len(payments):
        raise NotFound(
            "a payment or an entry of the link is not this partner's",
            code="entry-unknown",
            where=target.where,
            action="look at the candidates of the row",
            facts={"partner": target.partner},
        )
    ours, theirs = sum(one.amount for one in paid), sum(one.amount for one in lines)
    if not paid or not lines or ours != theirs:
        raise Conflict(
            f"ours are {ours} đồng, theirs {theirs}",
            code="amount-does-not-fit",
            where=target.where,
            action="link what adds up; decide the difference by itself",
            case="link",
            facts={"ours": ours, "theirs": theirs},
        )


def _require_free(desk: Desk, target: Target, row: Mapping[str, Any], payments: list[int], entries: list[int]) -> None:
    named = sorted({*payments} - {*row["payment_pks"]})  # those of the row itself are not matched
    taken = fetch(
        desk,
        "SELECT 'matched' AS how FROM gateway.recon_day d"
        " JOIN gateway.recon_version v USING (partner, business_on, version)"
        " JOIN gateway.recon_entry e USING (version_pk) JOIN gateway.recon_row r USING (version_pk, row_no)"
        " WHERE d.partner = %(partner)s AND e.entry_pk = ANY (%(entries)s)"
        "   AND (r.outcome = 'matched' OR r.rule = 'bulk' AND r.payment_pks <> '{}')"
        " UNION ALL SELECT 'matched' FROM gateway.moved_here m WHERE m.partner = %(partner)s"
        "   AND m.here_outcome = 'matched' AND m.payment_pks && %(payments)s::bigint[]"
        " UNION ALL SELECT 'matched' FROM gateway.payment p JOIN gateway.recon_day d USING (partner, business_on)"
        "   JOIN gateway.recon_version v USING (partner, business_on, version)"
        "   JOIN gateway.recon_row r USING (version_pk)"
        "  WHERE r.payment_pks @> ARRAY[p.payment_pk] AND (p.payment_pk = ANY (%(named)s) AND r.outcome = 'matched'"
        "     OR p.payment_pk = ANY (%(payments)s) AND r.rule = 'bulk' AND r.their_amount > 0)"
        " UNION ALL SELECT 'linked' FROM gateway.link_now l WHERE l.partner = %(partner)s"
        "   AND (l.entry_pks && %(entries)s::bigint[] OR l.payment_pks && %(payments)s::bigint[]) LIMIT 1",
        {"partner": target.partner, "entries": entries, "payments": payments, "named": named},
    )
    if taken:
        raise Conflict(
            f"an entry or payment of the link is {taken[0]['how']} already",
            code="link-not-possible",
            where=target.where,
            action="look at where it stands now",
            case="linked" if taken[0]["how"] == "linked" else "matched",
        )
    if desk.partner(target.partner).role != "postal":
        require_linkable(desk, target, payments, entries)


_COVERED = f"""
SELECT d.business_on, d.version, d.state, r.row_key, {AT_STAKE} AS amount
  FROM gateway.recon_day d JOIN gateway.recon_version v USING (partner, business_on, version)
  JOIN gateway.recon_row r USING (version_pk)
 WHERE d.partner = %(partner)s AND d.business_on IN (
       SELECT %(day)s::date
       UNION SELECT p.business_on FROM gateway.payment p WHERE p.payment_pk = ANY (%(payments)s)
       UNION SELECT e.booked_on FROM gateway.statement_entry e
              WHERE e.partner = %(partner)s AND e.entry_pk = ANY (%(entries)s)
       UNION SELECT m.to_on FROM gateway.money_move_now m WHERE m.partner = %(partner)s
               AND (m.payment_pks && %(payments)s::bigint[] OR m.entry_pks && %(entries)s::bigint[]))
   AND (d.business_on, r.row_key) <> (%(day)s, %(key)s) AND r.outcome <> 'matched'
   AND r.payment_pks <@ %(payments)s::bigint[] AND r.entry_pks <@ %(entries)s::bigint[]
   AND cardinality(r.refund_pks) = 0 AND cardinality(r.payment_pks) + cardinality(r.entry_pks) > 0
   AND NOT EXISTS (SELECT FROM gateway.break_decision_now n WHERE n.partner = d.partner
                      AND n.business_on = d.business_on AND n.row_key = r.row_key AND n.kind <> 'enquire')
 ORDER BY d.business_on, r.row_no"""  # noqa: S608 - our own words
"""Undecided rows that lie wholly within a link, of every day on which its money stands."""


def _covered(desk: Desk, target: Target, payments: list[int], entries: list[int]) -> list[dict[str, Any]]:
    rows = fetch(
        desk,
        _COVERED,
        {
            "partner": target.partner,
            "day": target.business_on,
            "key": target.row_key,
            "payments": payments,
            "entries": entries,
        },
    )
    for row in rows:
        if row["state"] != "reconciled":
            raise Conflict(
                f"a row of the link waits on {row['business_on']}, and that day is {row['state']}",
                code="link-not-possible",
                where=target.where,
                action="have that day rejected or reopened first",
                case="closed",
                facts={"other": row["business_on"], "state": row["state"]},
            )
    return rows


def _numbers(value: object) -> list[int]:
    return [number(one, "link") for one in value] if isinstance(value, Iterable) and not isinstance(value, str) else []
