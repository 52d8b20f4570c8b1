"""What can be asked of the gateway: one method per piece of work, for DAG tasks and for commands that start it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.bootstrap import parts as composition
from gateway.bootstrap.parts import Need
from gateway.bootstrap.sending import FLOWS, NEEDS, STARTED_BY_OUTBOX
from gateway.clock import vietnam_date
from gateway.errors import ConfigurationError, NotFound, Problem, Unavailable
from gateway.flows.wiring import Work, send_due, waiting_kinds
from gateway.messages import acts, expiry
from gateway.messages.store import Connection
from gateway.model import Summary
from gateway.partners import Partner, partner_of
from gateway.ports import Clock
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.flows import documents
    from gateway.flows.dossier_events import Drain
    from gateway.reports.verification import Verification

# A task runs one flow, and what a flow does not need costs it time at every start: the heavy libraries (DuckDB, Arrow,
# SOAP, workbooks) are imported by the methods that need them.


class Gateway:
    """One open connection with the rights of one role, the partners, and the business clock."""

    def __init__(
        self,
        settings: Settings,
        partners: Mapping[str, Partner],
        connection: Connection,
        clock: Clock,
        run_pk: int | None,
        environ: Mapping[str, str],
    ) -> None:
        self.settings = settings
        self.partners = partners
        self.connection = connection
        self.clock = clock
        self._environ = environ
        self._work = Work(connection, clock, partners, run_pk)

    def _parts(self, *needs: Need) -> composition.Parts:
        return composition.build(self.settings, self.partners, self._environ, frozenset(needs))

    def _with_flows(self, summary: Summary) -> Summary:
        """The summary, with the flows that have messages to send now."""
        kinds = waiting_kinds(self._work)
        return replace(summary, flows=[flow for flow in STARTED_BY_OUTBOX if FLOWS[flow] & kinds])

    def partner(self, partner_id: str) -> Partner:
        """Raises NotFound ``partner-unknown``."""
        return partner_of(self.partners, partner_id)

    # messages in

    def drain_dossier_events(self) -> Summary:
        """Take a bounded batch of dossier events: stored, verified, applied, acknowledged."""
        from gateway.flows import dossier_events

        line = composition.event_line(self.settings, self.partner(composition.DOSSIER))
        done = dossier_events.drain(
            self._work, line.events, line.dead_letters, line.reader, line.issuer, limit=line.batch
        )
        return self._with_flows(done)

    # messages out

    def dispatch(self, flow: str) -> Summary:
        """Settle the doubts of one flow by asking, then send what is due; raises as ``require_whole`` after it."""
        parts = self._parts(*NEEDS[flow])
        if flow == "dossier" and not self.settings.amqp_url:
            parts.problems.append(Problem("environment", "GATEWAY_AMQP_URL", "is not set"))
        unread = 0 if flow != "settlement" or parts.approvals is None else _take_hints(parts.approvals)
        done = self._with_flows(send_due(self._work, parts.senders_of(FLOWS[flow]), FLOWS[flow]))
        parts.require_whole()
        return done.plus(Summary({"hints_unread": unread})) if unread else done

    # payments

    def query_payment_requests(self) -> Summary:
        """Ask the banks about payment requests that are due."""
        return self._ask(Need.BANKING)

    def settle_portal_payments(self) -> Summary:
        """Ask the payment platform about payment requests that are due, and for the bills of what was paid."""
        return self._ask(Need.PLATFORM)

    def _ask(self, need: Need) -> Summary:
        from gateway.flows import bills, payments

        parts = self._parts(need)
        done = self._with_flows(payments.ask(self._work, parts.enquirers).plus(bills.fetch(self._work, parts.bills)))
        parts.require_whole()
        return done

    # files

    def statement_partners(self) -> list[str]:
        """Partners that send statements."""
        return [partner.id for partner in self.partners.values() if partner.statements is not None]

    def load_statements(self, partner: str, business_on: date) -> Summary:
        """Fetch and load every statement file a partner offers; ``keys`` are the days to reconcile."""
        return self._load_files(partner, business_on)

    def load_remittances(self, partner: str, business_on: date) -> Summary:
        """Fetch and load every COD remittance a partner offers; ``keys`` are the days to reconcile."""
        return self._load_files(partner, business_on)

    def _load_files(self, partner_id: str, business_on: date) -> Summary:
        from gateway.flows import documents
        from gateway.flows.lateness.files import is_owed

        partner = self.partner(partner_id)
        owed = is_owed(self.settings.config, partner, business_on)
        return documents.load(self._work, partner, self._files_of(partner), business_on, owed=owed)

    def load_file(self, partner_id: str, file: Path, signature: Path) -> Summary:
        """Load one file that a person hands in with its signature. Raises NotFound, Malformed ``message-too-large``."""
        from gateway.flows import documents
        from gateway.flows.signed_box import limits_of

        partner = self.partner(partner_id)
        for path in (file, signature):
            if not path.is_file():
                raise NotFound("there is no such file", code="file-unknown", where=str(path))
        files = self._files_of(partner)
        limits_of(partner).require_size(file.stat().st_size, str(file))
        return documents.load_one(self._work, partner, files, file.name, file.read_bytes(), signature.read_bytes())

    def _files_of(self, partner: Partner) -> documents.Files:
        need = Need.POSTAL if partner.role == "postal" else Need.BANKING
        parts = composition.build(self.settings, {partner.id: partner}, self._environ, frozenset({need}))
        parts.require_whole()
        files = parts.files.get(partner.id)
        if files is None:
            raise ConfigurationError("it sends no files", code="partner-sends-no-files", where=f"{partner.id}.toml")
        return files

    def collect_enquiry_answers(self) -> Summary:
        """Fetch the answers to enquiries (tra soát) from the partners that owe one; no other is called."""
        from gateway.flows import enquiry_answers

        parts = self._parts(Need.BANKING, Need.POSTAL)
        done = enquiry_answers.collect(self._work, parts.answers, self.settings.var / "incoming")
        parts.require_whole()
        return done

    # postal

    def track_postal_orders(self) -> Summary:
        """Consume VNPost's tracking feed from our cursor."""
        from gateway.flows import postal

        parts = self._parts(Need.POSTAL)
        done = self._with_flows(postal.track_all(self._work, parts.feeds))
        parts.require_whole()
        return done

    # days

    def reconcile(self, partner: str, business_on: date) -> Summary:
        """Match one partner's business date and write its reports; ``keys`` is the day."""
        from gateway.flows import days

        return days.reconcile(self._work, self.partner(partner), business_on, self._reports_folder())

    def days_due_again(self) -> Summary:
        """``keys`` are the judged days that are due again: money moved, more told of them, a deadline passed."""
        from gateway.flows import days

        return days.due_again(self._work)

    def verify_day(self, partner: str, business_on: date, version: int | None = None) -> Verification:
        """Prove that the stored inputs give the stored snapshot and the reports, of the current version or another.

        Raises NotFound ``day-unknown``; what differs is raised by ``require`` of the result.
        """
        from gateway.flows import days

        return days.verify(self._work, self.partner(partner), business_on, version)

    def _reports_folder(self) -> Path:
        return self.settings.var / "reports"

    def deliver_reports(self) -> Summary:
        """Send the reports of approved days to whom ``config/reports.toml`` names. Raises what sending raises."""
        from gateway.bootstrap.deliveries import load_carriers
        from gateway.flows import deliveries

        letterhead, carriers = load_carriers(self.settings)
        return deliveries.deliver_approved(self._work, carriers, letterhead)

    # proof and watch

    def check_lateness(self) -> Summary:
        """Raise and clear alerts: what is late, old, waiting, not closing or unusual, one per cause.

        Approvals not told when they were made are told after it; whatever fails there holds up nothing else.
        """
        from gateway.flows.lateness import check

        try:
            return check.check(self._work, self.settings.config)
        finally:
            self.dispatch("approvals")

    def tell_alerts(self) -> Summary:
        """Mail what is news about the alerts to whom ``config/alerts.toml`` names. Raises what sending raises."""
        from gateway.bootstrap.deliveries import load_audiences
        from gateway.flows.lateness import telling

        sender, audiences, mail = load_audiences(self.settings)
        return telling.tell(self._work, audiences, sender, mail)

    def prove_conservation(self, business_on: date) -> Summary:
        """Prove that nothing vanished. Raises DoesNotClose ``day-does-not-close`` with every sum that is off."""
        from gateway import conservation

        return conservation.prove(self.connection, business_on)

    # acts of people on messages

    def find_messages(
        self,
        *,
        partner: str | None,
        state: str | None,
        dossier_code: str | None,
        business_on: date | None,
        aside: bool | None = None,
        limit: int,
    ) -> list[dict[str, object]]:
        """Messages that fit, newest first; ``aside``: whether people have set them aside."""
        return acts.find(
            self.connection,
            partner=partner,
            state=state,
            dossier_code=dossier_code,
            business_on=business_on,
            aside=aside,
            limit=limit,
        )

    def show_message(self, message_pk: int) -> dict[str, object]:
        """Everything known of one message but its bytes."""
        return acts.show(self.connection, message_pk)

    def release_messages(self, message_pks: Iterable[int], *, actor: str, why: str) -> None:
        """Judge incoming messages again, from their original bytes; all of them or none."""
        acts.release(self.connection, message_pks, actor=actor, why=why, now=self.clock.now())

    def replay_message(self, message_pk: int, *, actor: str, why: str) -> None:
        """Send a given-up message again."""
        acts.replay(self.connection, message_pk, actor=actor, why=why, now=self.clock.now())

    def apply_retention(self) -> Summary:
        """Let go what was kept as long as ``config/retention.toml`` says. Raises ConfigurationError, DoesNotClose."""
        from gateway import retention as periods
        from gateway.flows import retention

        return retention.apply(self._work, periods.load(self.settings.config))

    def expire_bodies(self, before: date) -> int:
        """Let the bytes of settled and reconciled messages go; how many went."""
        from gateway.flows.kept_messages import unreconciled_messages

        return expiry.expire_bodies(
            self.connection,
            before=before,
            now=self.clock.now(),
            unreconciled=unreconciled_messages(self.connection),
        )

    def today(self) -> date:
        """The business clock's date in Vietnam."""
        return vietnam_date(self.clock.now())


def _take_hints(approvals: Drain) -> int:
    """Take what only says that something waits in the outbox, which is what counts; 1 where the broker is away.

    Files to banks need no broker: it does not hold them up. The hint then starts another run.
    """
    try:
        for batch in approvals(1000):
            batch.acknowledge()
    except Unavailable:
        return 1
    return 0
