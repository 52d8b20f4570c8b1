"""Random small days of every kind at once: the same number gives the same day."""

from __future__ import annotations

from random import Random
from typing import Any

import pyarrow as pa

from gateway.reconciliation.inputs import OURS, THEIRS, Inputs
from gateway.reconciliation.outcomes import Suggestion
from gateway.reconciliation.sides import Batch, CashCount, Known, Remitted, Settled, Theirs
from tests.reconciliation.plain import MONDAY, PLAIN_OURS, PLAIN_THEIRS, WORKING_DAYS, Plain

AMOUNTS = [10_000, 20_000, 30_000, 40_000, 50_000, 100_000]
REFUNDS = ["HT2611230000001", "HT2611230000002"]
DOSSIERS = ["H49.12-20261123-0000001", "H49.12-20261123-0000002", ""]
TEXTS = [
    "", "PHI DICH VU SMS", "NOP TIEN", "QUYET TOAN POS T1", "NOP TIEN MAT THU NGAN A", "TRA LAI TIEN GUI",
    "NGUYEN VAN A nộp phí QN2611230000001", "FT26327001 HUY",
]  # fmt: skip
SETTLED = ["cod BATCH1", "cash AA/26/0001-0003", "bulk dvcqg 23/11/2026", "bulk pos:T1 22/11/2026"]
BATCHES = (
    Batch("pos:T1", MONDAY - 1, "A0101", 100_000, 3), Batch("dvcqg", MONDAY, "", 50_000, 2),
    Batch("pos:T1", MONDAY - 3, "A0101", 20_000, 1), Batch("pos:T1", MONDAY - 2, "A0101", 30_000, 1),
)  # fmt: skip
KEYS = ["", "FT26327001", "BATCH1", 'kéý"\\x', "F\x1bT\x0e", "NBé1"]


def random_day(seed: int) -> tuple[str, Inputs]:
    """A partner's role and a day of up to eighty rows a side, with everything that may explain them."""
    r = Random(seed)
    role = r.choice(["bank", "bank", "bank", "intermediary", "intermediary", "postal"])
    many = r.choice([3, 8, 20, 40])
    references = [f"QN26112300{number:05d}" for number in range(8 + many)]
    plain = r.random() < 0.5
    mine = [_ours(r, pk, role, references, plain) for pk in range(1, r.randrange(2 * many) + 1)]
    yours = [_theirs(r, pk, role, references, plain) for pk in range(1, r.randrange(2 * many) + 1)]
    elsewhere = [MONDAY + days for days in (-2, -1, 1, 3)]
    near_ours = [
        {**_ours(r, 1000 + n, role, references, plain), "on": r.choice(elsewhere)} for n in range(r.randrange(6))
    ]
    near_theirs = [
        {**_theirs(r, 2000 + n, role, references, plain), "on": r.choice(elsewhere)} for n in range(r.randrange(6))
    ]
    loose = [entry["pk"] for entry in yours if not entry["tokens"]]
    later = {**_theirs(r, 3000, role, references, plain), "on": MONDAY + r.choice([1, 2]), "text": "QUYET TOAN POS T1"}
    return role, Inputs(
        pa.Table.from_pylist(mine, schema=OURS),
        pa.Table.from_pylist(yours, schema=THEIRS),
        pa.Table.from_pylist(near_ours, schema=OURS),
        pa.Table.from_pylist(near_theirs, schema=THEIRS),
        known={reference: _known(r, reference) for reference in references if r.random() < 0.3},
        remittances={"BATCH1": Remitted(50_000, 5_000)} if r.random() < 0.5 else {},
        suggestions={pk: _suggested(r) for pk in loose if r.random() < 0.3},
        near_bulk=(Theirs(**later),) if r.random() < 0.3 else (),
        batches=BATCHES if r.random() < 0.4 else (),
        counts=(CashCount("THU NGAN A", "AA/26", MONDAY, "0001", "0003", 3, 50_000),) if r.random() < 0.4 else (),
        waiting=frozenset(lag for lag in (0, 1) if r.random() < 0.5),
        days=WORKING_DAYS,
        settled={what: Settled(MONDAY - 1, 4000, 50_000) for what in SETTLED if r.random() < 0.3},
        beside=(Batch("pos:T1", MONDAY + 1, "A0101", r.choice(AMOUNTS), 2),) if r.random() < 0.3 else (),
    )


def _ours(r: Random, pk: int, role: str, references: list[str], plain: bool) -> dict[str, Any]:
    kind = "payment" if plain or r.random() < 0.85 else r.choice(["refund", "attempt"])
    amount = {"payment": r.choice(AMOUNTS), "refund": -r.choice(AMOUNTS), "attempt": 0}[kind]
    asked = max(amount, 0)
    return {
        **PLAIN_OURS, "pk": pk, "kind": kind, "amount": amount,
        "reference": r.choice(REFUNDS) if kind == "refund" else r.choice(references) if r.random() < 0.93 else "",
        "transaction": r.choice(["", f"FT{r.randrange(12)}", "F T 1", "NBé1"]),
        "account": r.choice(["A0101", "A0101", "A0202", "X"]),
        "requested": r.choice([0, asked, asked, r.choice(AMOUNTS)]), "prior": r.choice([0, 0, 0, 10_000, 20_000]),
        "standing": r.choice(["known"] * 4 + ["cancelled", "unknown"]), "dossier": r.choice(DOSSIERS),
        "late": r.random() < 0.3, "early": r.random() < 0.3, "lag": r.choice([0, 0, 0, 0, 1]),
        "batch": r.choice([""] * 8 + ["pos:T1", "pos:T2"]),
        "status": r.choice(["pending", "failed"]) if kind == "attempt" else "",
        "postage": r.choice([0, 5_000]) if role == "postal" or r.random() < 0.03 else 0,
    }  # fmt: skip


def _theirs(r: Random, pk: int, role: str, references: list[str], plain: bool) -> dict[str, Any]:
    tokens = r.choice([*[r.choice(references)] * 6, "", "", ""])
    if not plain and r.random() < 0.2:
        tokens = r.choice([*REFUNDS, " ".join(sorted({r.choice(references), r.choice(references)}))])
    return {
        **PLAIN_THEIRS, "pk": pk, "tokens": tokens,
        "amount": r.choice([*AMOUNTS * 3, 60_000, -10_000, -20_000, -11_000]),
        "account": r.choice(["A0101", "A0101", "A0202"]),
        "keys": r.choice([*KEYS, tokens, f"FT{r.randrange(12)}", f"FT{r.randrange(12)} FT26327002"]),
        "type_code": r.choice(["", "", "NTRF", "NCHG"]), "response": r.choice([""] * 8 + ["00", "68", "51"]),
        "text": r.choice(TEXTS), "postage": r.choice([0, 5_000]) if role == "postal" or r.random() < 0.03 else 0,
    }  # fmt: skip


def _known(r: Random, reference: str) -> Known:
    state = r.choice(["open", "settled", "cancelled", "refused"])
    status = r.choice(["", "paid", "pending", "failed"])
    newest = r.choice([(0, 0, 0), (77, MONDAY - 2, r.choice(AMOUNTS))])
    paid = r.choice([0, 0, *AMOUNTS])
    return Known(reference, r.choice(DOSSIERS), r.choice(AMOUNTS), "A0101", state, status, paid, *newest)


def _suggested(r: Random) -> tuple[Suggestion, ...]:
    scores = [r.choice([60, 85, 95]) for _ in range(r.randrange(1, 3))]
    return tuple(Suggestion(f"H49.12-20261123-000000{n}", score, "vì", "x", 0, 1) for n, score in enumerate(scores))


def without(inputs: Inputs, payments: set[int], entries: set[int]) -> Inputs:
    """The same day without these payments and entries."""
    ours: Plain = [row for row in inputs.ours.to_pylist() if row["kind"] != "payment" or row["pk"] not in payments]
    theirs: Plain = [row for row in inputs.theirs.to_pylist() if row["pk"] not in entries]
    return Inputs(
        pa.Table.from_pylist(ours, schema=OURS), pa.Table.from_pylist(theirs, schema=THEIRS), inputs.near_ours,
        inputs.near_theirs, inputs.known, inputs.remittances, inputs.suggestions, inputs.near_bulk, inputs.batches,
        inputs.counts, inputs.waiting, inputs.days, settled=inputs.settled, beside=inputs.beside,
    )  # fmt: skip
