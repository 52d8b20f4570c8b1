"""Dossiers and steps to the national portal (``contracts/dossier-api.md``): the session, the calls, the enquiry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.national_portal import codec
from adapters.wire.rest import Reply, RestClient, SessionClient
from adapters.wire.sign_in import nothing_sent_yet, outcome_of_call, unavailable
from gateway.errors import ConfigurationError, GatewayError, Malformed, Problem, Refused
from gateway.model import Enquiry, Kind, Knowledge, OutboundMessage, SendOutcome, SendVerdict
from gateway.partners import DossierApi, Partner
from gateway.security.secret import Secret

_OPERATIONS = {"sync": "DongBoHoSoMC", "steps": "CapNhatTienDoHoSoMC", "find": "TraCuuHoSo"}
_STEP_KEY = ("ThoiDiemXuLy", "TrangThai")
Item = tuple[OutboundMessage, bytes]


def portal_login(api: DossierApi, password: str) -> Callable[[RestClient], str]:
    """The sign-in of ``domain.md`` 1.2; it raises Refused (``login-refused``), Malformed and what REST raises."""

    def login(client: RestClient) -> str:
        account = {"username": api.username, "password": password}
        reply = client.send("POST", api.login_path, json=account, params=_params(api), idempotent=True)
        answer = reply.expect_success().json()
        session = answer.get("session") if isinstance(answer, dict) else None
        if not isinstance(session, str) or not session or str(answer.get("error_code")) != "0":
            code = str(answer.get("error_code")) if isinstance(answer, dict) else ""
            message = "the portal did not accept our account"
            raise Refused(message, code="login-refused", where=reply.where, partner_code=code)
        return session

    return login


def session_expired(reply: Reply) -> bool:
    """Whether the portal wants a new sign-in."""
    try:
        return reply.status == 401 or codec.decode_reply(reply.body).session_expired
    except Malformed:
        return False


def build(partner: Partner, *, certs: Path, environment: str, environ: Mapping[str, str]) -> PortalSender:
    """The sender to the portal of ``partner``'s configuration; nothing is connected yet. Raises ConfigurationError."""
    api = partner.dossier_api
    if api is None:
        missing = Problem(f"{partner.id}.toml", "dossier_api", "the national portal needs this section")
        raise ConfigurationError(problems=[missing], action="add it, then run `gateway partners check`")
    client = RestClient(
        api.endpoint,
        connect_timeout=api.connect_timeout_seconds,
        read_timeout=api.read_timeout_seconds,
        verify=certs / api.tls_ca if api.tls_ca else None,
    )
    password = Secret.from_reference(api.password, environ=environ).value.decode()
    session = client.with_session(nothing_sent_yet(portal_login(api, password)), session_expired)
    return PortalSender(partner.id, api, session)


@dataclass(frozen=True, slots=True)
class PortalSender:
    """Sender of DOSSIER_SYNC and STEP_SYNC."""

    partner: str
    api: DossierApi
    session: SessionClient

    @property
    def kinds(self) -> frozenset[Kind]:
        return frozenset({Kind.DOSSIER_SYNC, Kind.STEP_SYNC})

    def encode(self, message: OutboundMessage) -> bytes:
        """The call without its session (a secret) and without isUpdating (asked when it is sent). Raises Malformed."""
        if message.kind is Kind.STEP_SYNC:
            return _call_bytes(self._call("steps", data=[codec.encode_step(message.payload, self.api)]))
        return _call_bytes(self._call("sync", data=[codec.encode_dossier(message.payload, self.api)]))

    def send(self, batch: Sequence[Item]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        """Dossiers one by one, then steps in chunks; see ``gateway.ports.Sender``."""
        steps: list[Item] = []
        for message, body in batch:
            if message.kind is Kind.STEP_SYNC:
                steps.append((message, body))
                continue
            try:
                yield message, self._send_dossier(message, body)
            except GatewayError as error:
                yield message, outcome_of_call(error)
        for start in range(0, len(steps), self.api.steps_per_call):
            yield from self._send_steps(steps[start : start + self.api.steps_per_call])

    def enquire(self, message: OutboundMessage) -> Enquiry:
        """Ask TraCuuHoSo whether it has this very version or step. Raises Unavailable."""
        ours = json.loads(self.encode(message))["data"][0]
        try:
            found, raw = self._find(ours["MaHoSo"])
        except GatewayError as error:
            raise unavailable(error) from error
        if found is None:
            return Enquiry(Knowledge.HAS_IT_NOT, "the portal does not know the dossier", raw)
        has_it = _has_step(found, ours) if message.kind is Kind.STEP_SYNC else _has_version(found, ours)
        if has_it:
            return Enquiry(Knowledge.HAS_IT, "the portal shows it", raw)
        return Enquiry(Knowledge.HAS_IT_NOT, "the portal has the dossier, and not this", raw)

    def _send_dossier(self, message: OutboundMessage, body: bytes) -> SendOutcome:
        call = json.loads(body)
        code = call["data"][0]["MaHoSo"]
        found, _ = self._find(code)
        reply, raw = self._post({**call, "isUpdating": "False" if found is None else "True"})
        if reply.already_exists:
            reply, raw = self._post({**call, "isUpdating": "True"})
        if reply.succeeded:
            return SendOutcome(SendVerdict.DELIVERED, reply=raw)
        raise _refused(reply, f"dossier {code}")

    def _send_steps(self, chunk: Sequence[Item]) -> Iterator[tuple[OutboundMessage, SendOutcome]]:
        data = [step for _, body in chunk for step in json.loads(body)["data"]]
        try:
            reply, raw = self._post({**json.loads(chunk[0][1]), "data": data})
            if not reply.succeeded:
                raise _refused(reply, f"dossier {data[0]['MaHoSo']}")
        except GatewayError as error:
            if isinstance(error, Refused) and error.code == "portal-refused" and len(chunk) > 1:
                # One bad step must not hold the others up, and a refused chunk was not processed at all.
                for item in chunk:
                    yield from self._send_steps([item])
                return
            for message, _ in chunk:
                yield message, outcome_of_call(error)
            return
        for message, _ in chunk:
            yield message, SendOutcome(SendVerdict.DELIVERED, reply=raw)

    def _find(self, code: str) -> tuple[Mapping[str, object] | None, bytes]:
        # A look-up changes nothing, so whatever goes wrong with it leaves nothing in doubt.
        try:
            reply, raw = self._post(self._call("find", mahoso=code), idempotent=True)
            if reply.code != "0":
                raise _refused(reply, f"look-up of dossier {code}")
        except GatewayError as error:
            raise unavailable(error) from error
        matching = [found for found in reply.result if found.get("MaHoSo", code) == code]
        return (matching[0] if matching else None), raw

    def _post(self, call: Mapping[str, object], *, idempotent: bool = False) -> tuple[codec.Reply, bytes]:
        def send(client: RestClient, session: str) -> Reply:
            body = {**call, "session": session}
            return client.send("POST", self.api.path, json=body, params=_params(self.api), idempotent=idempotent)

        raw = self.session.call(send).expect_success()
        return codec.decode_reply(raw.body), raw.body

    def _call(self, operation: str, **more: object) -> dict[str, object]:
        service = self.api.operations.get(operation, _OPERATIONS[operation])
        return {"service": service, "madonvi": self.api.organisation, **more}


def _call_bytes(call: Mapping[str, object]) -> bytes:
    return json.dumps(call, ensure_ascii=False, separators=(",", ":")).encode()


def _params(api: DossierApi) -> dict[str, str]:
    return {"dstcode": api.dstcode} if api.dstcode else {}


def _has_version(found: Mapping[str, object], ours: Mapping[str, object]) -> bool:
    shared = found.keys() & ours.keys()
    return "TrangThaiHoSo" in shared and all(found[field] == ours[field] for field in shared)


def _has_step(found: Mapping[str, object], ours: Mapping[str, object]) -> bool:
    steps = found.get("DanhSachTienDo")
    if not isinstance(steps, list):
        return False
    return any(isinstance(step, dict) and all(step.get(field) == ours[field] for field in _STEP_KEY) for step in steps)


def _refused(reply: codec.Reply, where: str) -> Refused:
    return Refused(
        reply.message or f"error_code {reply.code}",
        code="portal-refused",
        where=where,
        action="correct what the portal names in the dossier system, then send it again",
        partner_code=reply.code,
    )
