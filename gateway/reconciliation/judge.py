"""Judges what exact matching left over: one reference at a time, in a fixed order, and never by a guess."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from gateway.ledger.references import REFUND
from gateway.reconciliation.cases import Day, Near, Verdicts
from gateway.reconciliation.oddities import (
    failed_attempt,
    only_theirs,
    refund_rows,
    returned,
    second,
    short_elsewhere,
    waiting,
    wrong_day,
)
from gateway.reconciliation.outcomes import Row
from gateway.reconciliation.pairs import against_request, one_for_several, pair_up, with_postage
from gateway.reconciliation.sides import Ours, Theirs


def by_reference(day: Day) -> Verdicts:
    """Judge everything that names one of our references; what names none is left."""
    theirs = _with_transactions(day)
    listed = [entry for entry in theirs if " " in entry.tokens]
    ours = defaultdict(list)
    for one in sorted(day.ours, key=our_order):
        ours[one.reference].append(one)
    rows = [_listed(day, entry, ours) for entry in sorted(listed, key=their_order)]
    entries = defaultdict(list)
    for entry in sorted(theirs, key=their_order):
        if entry.tokens and " " not in entry.tokens:
            entries[entry.tokens].append(entry)
    near = Near(day)
    unmatched: list[Ours] = []
    for reference in sorted(ours.keys() | entries.keys()):
        found, left = _judge_reference(day, near, reference, ours.get(reference, []), entries.get(reference, []))
        rows += found
        unmatched += left
    return Verdicts(rows, unmatched, [entry for entry in theirs if not entry.tokens])


def our_order(one: Ours) -> tuple[object, ...]:
    return (one.reference, one.on, one.amount, one.transaction, one.pk)


def their_order(entry: Theirs) -> tuple[object, ...]:
    return (entry.tokens, entry.on, entry.account, entry.amount, entry.keys, entry.text, entry.pk)


def _with_transactions(day: Day) -> list[Theirs]:
    """An entry that names the partner's own transaction number names, by our table, that payment's reference."""
    references: dict[str, set[str]] = defaultdict(set)
    for one in (*day.ours, *day.near_ours):
        if one.transaction and one.reference:
            references["".join(one.transaction.split())].add(one.reference)
    named = []
    for entry in day.theirs:
        if not entry.tokens and entry.keys:
            found = {reference for key in entry.keys.split(" ") for reference in references.get(key, ())}
            entry = replace(entry, tokens=" ".join(sorted(found)))
        named.append(entry)
    return named


def _listed(day: Day, entry: Theirs, ours: dict[str, list[Ours]]) -> Row:
    """One transfer that names several references."""
    references = entry.tokens.split(" ")
    payments = [one for ref in references for one in ours.get(ref, ()) if one.kind == "payment"]
    for reference in references:
        ours[reference] = [one for one in ours.get(reference, ()) if one.kind != "payment"]
    if not payments:
        return only_theirs(day, None, entry, references[0], day.known.get(references[0]))
    return one_for_several(day, references, payments, entry)


def _judge_reference(
    day: Day, near: Near, reference: str, ours: list[Ours], theirs: list[Theirs]
) -> tuple[list[Row], list[Ours]]:
    payments = [one for one in ours if one.kind == "payment"]
    refunds = [one for one in ours if one.kind == "refund"]
    attempts = [one for one in ours if one.kind == "attempt"]
    moving = [entry for entry in theirs if entry.moves]
    failed = [entry for entry in theirs if not entry.moves]
    rows = []
    debits = [entry for entry in moving if entry.moves < 0]
    if refunds or (debits and reference.startswith(REFUND)):
        rows += refund_rows(day, near, reference, refunds, debits)
        moving = [entry for entry in moving if entry.moves > 0]
    if reference.startswith(REFUND):
        dossier = next((one.dossier for one in refunds), "")
        rows += [returned(reference, entry, dossier) for entry in moving]
        moving = []
    pairs, lone_ours, lone_theirs = pair_up(payments, moving)
    if day.role == "postal" and failed and payments:  # VNPost lists no attempts: these are lines of postage alone
        pairs, lone_ours = with_postage(pairs, lone_ours, failed)
        failed = []
    rows += against_request(day, reference, payments, pairs)
    rows += [second(day, near, reference, entry, payments, attempts) for entry in lone_theirs]
    left, lone_rows, elsewhere = [], [], []
    for one in lone_ours:
        half = near.theirs(reference, one.amount)
        if half is None:
            left.append(one)
        else:
            elsewhere.append((one, half))
            lone_rows.append(wrong_day(day, one, half, here=one.on))
    rows += [failed_attempt(entry, reference, left, attempts) for entry in failed]
    if elsewhere and not pairs:  # else the last pair tells it
        lone_rows += short_elsewhere(day, *elsewhere[-1], payments)
    if not theirs:
        lone_rows += [waiting(one) for one in attempts if one.status == "pending"]
    return rows + lone_rows, left
