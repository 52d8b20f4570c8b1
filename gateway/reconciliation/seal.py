"""The seal of an approved day: the gateway's signature under the digests of its snapshot and of its decisions."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from psycopg import Connection
from psycopg.rows import dict_row

from gateway.errors import DoesNotClose, NotFound
from gateway.reconciliation import snapshot
from gateway.security.cms import VerifiedFile, sign_detached, verify_detached
from gateway.security.keys import SigningKey
from gateway.security.trust import PartnerCertificates, TrustStore

Rows = Connection[tuple[object, ...]]


def write(
    conn: Rows,
    partner: str,
    business_on: date,
    key: SigningKey,
    *,
    environment: str,
    now: datetime,
    real_time: datetime,
) -> None:
    """Seal the approval just made, inside its transaction. ``real_time`` is what the signature says.

    Raises NotFound ``day-unknown`` where the day's current version is not approved.
    """
    approval, told, decisions = _approved(conn, partner, business_on)
    statement = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    signature = sign_detached(io.BytesIO(statement), key, environment=environment, signing_time=real_time)
    conn.execute(
        "INSERT INTO gateway.day_seal (approval_pk, partner, business_on, version, snapshot_sha256, decisions_sha256,"
        " decisions, statement, signature, certificate, sealed_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %b, %b, %b, %b, %s)",
        (
            approval, partner, business_on, told["version"], told["snapshot_sha256"], told["decisions_sha256"],
            decisions, statement, signature, key.certificate_der, now,
        ),
    )  # fmt: skip


def verify(
    conn: Rows,
    partner: str,
    business_on: date,
    version: int,
    *,
    trust: TrustStore,
    certificate: Path,
    environment: str,
    at: datetime,
) -> VerifiedFile:
    """Who sealed that version, after the stored snapshot, decisions and statement were all held to the signature.

    ``certificate``: the gateway's own. Raises NotFound ``seal-unknown``; DoesNotClose ``seal-differs``; Untrusted and
    Malformed as ``verify_detached``.
    """
    where = f"{partner} {business_on} v{version}"
    sealed = {"partner": partner, "business_on": business_on, "version": version}
    row = conn.execute(
        "SELECT s.statement, s.signature, s.decisions, v.snapshot FROM gateway.day_seal s"
        " JOIN gateway.recon_version v USING (partner, business_on, version)"
        " WHERE partner = %s AND business_on = %s AND version = %s",
        (partner, business_on, version),
    ).fetchone()
    if row is None:
        raise NotFound(
            "that version is not sealed",
            code="seal-unknown",
            where=where,
            action="only approved days are",
            facts=sealed,
        )
    statement, signature, decisions, packed = (bytes(value) for value in row if isinstance(value, bytes))
    found = verify_detached(
        io.BytesIO(statement),
        signature,
        trust=trust,
        partner_certificates=PartnerCertificates.load("gateway", [certificate]),
        environment=environment,
        environment_required=True,
        at=at,
    )
    stored = {
        "partner": partner,
        "business_on": business_on.isoformat(),
        "version": version,
        "snapshot_sha256": hashlib.sha256(snapshot.unpack(packed)).hexdigest(),
        "decisions_sha256": hashlib.sha256(decisions).hexdigest(),
    }
    _require_same(stored, json.loads(statement), where, sealed)
    return found


def _require_same(
    stored: Mapping[str, object], told: Mapping[str, object], where: str, sealed: Mapping[str, object]
) -> None:
    differs = [name for name, value in stored.items() if told.get(name) != value]
    if differs:
        raise DoesNotClose(
            f"what is stored is not what was sealed: {', '.join(differs)}",
            code="seal-differs",
            where=where,
            action="evidence was changed: stop, keep the database as it is, and find out who could write to it",
            facts={
                "partner": sealed["partner"],
                "business_on": sealed["business_on"],
                "version": sealed["version"],
                "differs": differs,
            },
        )


def _approved(conn: Rows, partner: str, business_on: date) -> tuple[int, dict[str, object], bytes]:
    """The approval of the day's current version: its number, what is to be signed, the text of the decisions."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_APPROVAL, (partner, business_on)).fetchone()
    if row is None:
        raise NotFound(
            "this day is not approved",
            code="day-unknown",
            where=f"{partner} {business_on}",
            case="not-approved",
            facts={"partner": partner, "business_on": business_on},
        )
    approval, decisions = int(row.pop("decision_pk")), str(row.pop("decisions")).encode()
    told = {
        **row,
        "business_on": business_on.isoformat(),
        "approved_at": row["approved_at"].astimezone(UTC).isoformat(),
    }
    return approval, told, decisions


_APPROVAL = """
SELECT a.decision_pk, a.partner, a.business_on, a.version, a.snapshot_sha256, a.decisions_sha256, v.rules, v.engine,
       p.by_user AS proposed_by, a.by_user AS approved_by, a.at AS approved_at,
       gateway.decisions_in_force(a.partner, a.business_on) AS decisions
  FROM gateway.recon_decision a
  JOIN gateway.recon_day d USING (partner, business_on, version)
  JOIN gateway.recon_version v USING (partner, business_on, version)
 CROSS JOIN LATERAL (SELECT by_user FROM gateway.recon_decision p WHERE (p.partner, p.business_on, p.version)
   = (a.partner, a.business_on, a.version) AND p.act = 'propose' ORDER BY decision_pk DESC LIMIT 1) p
 WHERE a.partner = %s AND a.business_on = %s AND a.act = 'approve'"""
