"""What dossier events do to a dossier: submitted, accepted, refused, withdrawn, step, result ready and returned.

Each function checks everything before it changes anything, so that a bad event leaves the book untouched. They raise
Malformed or Conflict with a code of ``gateway.reasons``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.errors import Malformed
from gateway.ledger.allocation import OPEN, ask_for_payment, release, withdraw_requests
from gateway.ledger.book import Book, Dossier, PostalOrderRow
from gateway.ledger.outbox import cancel_post, order_post, sync_dossier, sync_step
from gateway.ledger.reading import amount_of, moment, optional_moment, text_of
from gateway.model import DossierEvent
from gateway.payloads import DossierStep

SUBMITTED, ACCEPTED, REFUSED, IN_PROCESS, WITHDRAWN, STOPPED, FINISHED, RETURNED = 1, 2, 3, 4, 7, 8, 9, 10
ENDS_WITHOUT_RESULT = frozenset({REFUSED, WITHDRAWN, STOPPED})
COLLECT_SUFFIX = "-GOM"


def submitted(book: Book, event: DossierEvent, message_pk: int) -> None:
    """A dossier becomes known; papers to be collected by post are ordered. Told again, its contact data is renewed."""
    data = event.data
    submitted_at = moment(data, "submitted_at")
    deliver_to = data.get("deliver_to")
    known = book.dossiers.get(event.dossier_code)
    dossier = Dossier(
        code=event.dossier_code,
        procedure_code=text_of(data, "procedure_code"),
        procedure_name=text_of(data, "procedure_name"),
        field_code=text_of(data, "field_code"),
        field_name=text_of(data, "field_name"),
        channel=_one_of(data, "channel", 3),
        owner_name=text_of(data, "owner_name"),
        owner_id_number=text_of(data, "owner_id_number"),
        owner_type=_one_of(data, "owner_type", 4),
        phone=text_of(data, "phone"),
        email=text_of(data, "email"),
        address=text_of(data, "address"),
        summary=text_of(data, "summary"),
        unit_code=text_of(data, "unit_code"),
        unit_name=text_of(data, "unit_name"),
        status=known.status if known else SUBMITTED,
        status_at=known.status_at if known else event.occurred_at,
        submitted_at=known.submitted_at if known else submitted_at,
        accepted_at=known.accepted_at if known else None,
        due_at=optional_moment(data, "due_at") or (known.due_at if known else None),
        finished_at=known.finished_at if known else None,
        returned_at=known.returned_at if known else None,
        refused_at=known.refused_at if known else None,
        returns_by_post=data.get("returns_by_post") is True,
        accepted_by=known.accepted_by if known else "",
        deliver_to=deliver_to if isinstance(deliver_to, Mapping) else None,
        message_pk=known.message_pk if known else message_pk,
    )
    book.dossiers[dossier.code] = dossier
    if known is None:
        book.new_dossiers.add(dossier.code)
    else:
        book.resubmitted.add(dossier.code)
    sync_dossier(book, dossier, message_pk)
    collect_from = data.get("collect_from")
    if isinstance(collect_from, Mapping):
        _order(book, dossier, "collect", collect_from, message_pk, "Gom hồ sơ")


def accepted(book: Book, event: DossierEvent, message_pk: int) -> None:
    """The papers are taken in; a due date is promised."""
    at, due_at = moment(event.data, "accepted_at"), optional_moment(event.data, "due_at")
    officer = text_of(event.data, "officer")
    dossier = book.dossiers[event.dossier_code]
    dossier.accepted_by = officer or dossier.accepted_by
    dossier.accepted_at, dossier.due_at = at, due_at or dossier.due_at
    _enter(book, dossier, ACCEPTED, event.occurred_at)
    sync_dossier(book, dossier, message_pk)


def refused(book: Book, event: DossierEvent, message_pk: int) -> None:
    """Not taken in: nothing is owed any more, and what was paid waits for a refund."""
    at, reason = moment(event.data, "refused_at"), text_of(event.data, "reason")
    dossier = book.dossiers[event.dossier_code]
    dossier.refused_at = at
    _enter(book, dossier, REFUSED, event.occurred_at)
    _end_without_result(book, dossier, f"Hồ sơ không được tiếp nhận: {reason}", message_pk)
    sync_dossier(book, dossier, message_pk)


def withdrawn(book: Book, event: DossierEvent, message_pk: int) -> None:
    """The citizen takes the dossier back."""
    moment(event.data, "withdrawn_at")
    reason = text_of(event.data, "reason")
    dossier = book.dossiers[event.dossier_code]
    _enter(book, dossier, WITHDRAWN, event.occurred_at)
    _end_without_result(book, dossier, f"Công dân rút hồ sơ: {reason}", message_pk)
    sync_dossier(book, dossier, message_pk)


def step(book: Book, event: DossierEvent, message_pk: int) -> None:
    """One processing step with its real status (domain.md 1.5: never another one to please a statistic)."""
    data = event.data
    status = status_of(data)
    moment(data, "processed_at")
    payload = DossierStep(
        dossier_code=event.dossier_code,
        officer=text_of(data, "officer"),
        officer_title=text_of(data, "officer_title"),
        unit_name=text_of(data, "unit_name"),
        content=text_of(data, "content"),
        status=status,
        processed_at=text_of(data, "processed_at"),
        started_at=text_of(data, "started_at"),
        due_at=str(data["due_at"]) if data.get("due_at") else None,
    )
    dossier = book.dossiers[event.dossier_code]
    newest = _enter(book, dossier, status, event.occurred_at)
    if newest and status in ENDS_WITHOUT_RESULT:
        _end_without_result(book, dossier, f"Hồ sơ kết thúc ở trạng thái {status}", message_pk)
    sync_step(book, dossier.code, message_pk, payload)


def result_ready(book: Book, event: DossierEvent, message_pk: int) -> None:
    """The result waits; by post it travels with what is still owed, state fee and postage apart."""
    data = event.data
    at = moment(data, "ready_at")
    by_post = data.get("by_post") is True
    postage = amount_of(data, "postage") if data.get("postage") else 0
    dossier = book.dossiers[event.dossier_code]
    dossier.finished_at = at
    _enter(book, dossier, FINISHED, event.occurred_at)
    sync_dossier(book, dossier, message_pk)
    if by_post:
        receiver = data.get("deliver_to") or dossier.deliver_to or _owner_as_party(dossier)
        if isinstance(receiver, Mapping):
            _order(
                book, dossier, "deliver", receiver, message_pk, str(data.get("description") or "Trả kết quả"), postage
            )


def result_returned(book: Book, event: DossierEvent, message_pk: int) -> None:
    """The citizen has the result."""
    at = moment(event.data, "returned_at")
    dossier = book.dossiers[event.dossier_code]
    dossier.returned_at = at
    _enter(book, dossier, RETURNED, event.occurred_at)
    sync_dossier(book, dossier, message_pk)


def status_of(data: Mapping[str, object]) -> int:
    """A status of the national list, 1-10. Raises Malformed ``dossier-status-unknown``."""
    status = data.get("status")
    if not isinstance(status, int) or isinstance(status, bool) or not 1 <= status <= 10:
        raise Malformed(f"{status!r} is no dossier status, 1 to 10", code="dossier-status-unknown", where="data.status")
    return status


def _one_of(data: Mapping[str, object], name: str, last: int) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= last:
        raise Malformed(f"{value!r} is not 1 to {last}", code="event-data-invalid", where=f"data.{name}")
    return value


def _enter(book: Book, dossier: Dossier, status: int, at: datetime) -> bool:
    """Take the status unless a later one is known already; events may come late."""
    book.changed_dossiers.add(dossier.code)
    if at < dossier.status_at:
        return False
    dossier.status, dossier.status_at = status, at
    return True


def _end_without_result(book: Book, dossier: Dossier, reason: str, message_pk: int) -> None:
    fees = [fee for fee in book.fees_of(dossier.code) if not fee.cancelled]
    withdraw_requests(book, dossier.code, {fee.pk for fee in fees}, reason, message_pk)
    for fee in fees:
        release(book, fee, fee.paid, reason, message_pk)
        fee.cancelled = True
        book.changed_fees.add(fee.pk)
    orders = (book.orders.get(dossier.code), book.orders.get(dossier.code + COLLECT_SUFFIX))
    for order in orders:
        if order is not None and order.state in ("ordered", "accepted", "collecting"):
            cancel_post(book, order, reason, message_pk)
            order.state, order.state_at = "cancelled", book.now
            book.changed_orders.add(order.order_number)


def _order(
    book: Book,
    dossier: Dossier,
    direction: str,
    citizen: Mapping[str, object],
    message_pk: int,
    text: str,
    postage: int = 0,
) -> None:
    postman = book.partner_with_role("postal")
    number = dossier.code + (COLLECT_SUFFIX if direction == "collect" else "")
    if postman is None or number in book.orders:
        return
    fees = [f for f in book.fees_of(dossier.code) if f.channel == "cod" and f.due > 0] if direction == "deliver" else []
    request = next((r for r in book.requests_of(dossier.code) if r.channel == "cod" and r.state == OPEN), None)
    if request is None and fees:
        request = ask_for_payment(book, dossier, fees, "cod", None, message_pk)
    order = PostalOrderRow(
        order_number=number,
        partner=postman.id,
        dossier_code=dossier.code,
        direction=direction,
        cod_state_fee=sum(fee.due for fee in fees if fee.kind != "cuoc"),
        cod_postage=postage + sum(fee.due for fee in fees if fee.kind == "cuoc"),
        request_pk=request.pk if request is not None and fees else None,
        item_code="",
        state="ordered",
        state_at=book.now,
        message_pk=message_pk,
    )
    book.orders[number] = order
    book.changed_orders.add(number)
    order_post(book, order, citizen, postman, text)


def _owner_as_party(dossier: Dossier) -> Mapping[str, object]:
    return {"name": dossier.owner_name, "phone": dossier.phone, "address": dossier.address}
