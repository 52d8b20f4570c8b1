"""Alerts leave by mail: one per cause and audience, again only where something is news, and once when it is over.

An alert is on record before anybody is told, and that somebody was told is recorded after the mail server took the
mail. Killed in between, the next run sends the mail again under the same Message-ID: at worst it is repeated, it is
never lost.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

from psycopg.rows import class_row

from gateway.errors import GatewayError, Unavailable
from gateway.flows.lateness.limits import Mail
from gateway.flows.lateness.watch import told
from gateway.flows.wiring import Work
from gateway.messages.store import Connection
from gateway.model import Summary
from gateway.reasons import REASONS

logger = logging.getLogger("gateway.alerts")


class Carrier(Protocol):
    """One way out to the people of one audience."""

    def send(self, name: str, content: bytes) -> None:
        """Raises Unavailable (later), Refused (never), InDoubt (perhaps it arrived)."""
        ...


@dataclass(frozen=True, slots=True)
class Audience:
    """People who are told together. ``carrier`` is None where no mail server is set up."""

    name: str
    recipients: Sequence[str] = field(repr=False)
    carrier: Carrier | None


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and where the pages are (no slash at its end)."""

    address: str
    console_url: str


@dataclass(frozen=True, slots=True)
class News:
    """An alert of which an audience does not know enough. ``first_id``: the Message-ID of its first mail, or ""."""

    alert_pk: int
    code: str
    partner: str
    text_vi: str
    action: str
    path: str
    gist: str
    step: int
    raised_at: datetime
    over: bool
    first_id: str


# What was never told, has another gist than was told last, or a higher step than any that was told; and what is gone
# for so long that it will not be taken for the same cause again.
_NEWS = """
SELECT a.alert_pk, a.code, a.partner, a.text_vi, a.action, a.path, a.gist, a.step, a.raised_at,
       a.cleared_at IS NOT NULL AS over, coalesce(t.first_id, '') AS first_id
  FROM gateway.alert a CROSS JOIN LATERAL (
       SELECT count(*) AS mails, max(step) AS step, bool_or(over) AS over,
              (array_agg(gist ORDER BY told_pk DESC))[1] AS gist,
              (array_agg(message_id ORDER BY told_pk))[1] AS first_id
         FROM gateway.alert_told t WHERE t.alert_pk = a.alert_pk AND t.audience = %(audience)s) t
 WHERE a.code = ANY(%(codes)s)
   AND CASE WHEN a.cleared_at IS NULL THEN t.mails = 0 OR t.gist <> a.gist OR a.step > t.step
            ELSE a.cleared_at <= %(gone)s AND t.mails > 0 AND NOT t.over END
 ORDER BY a.alert_pk"""


def tell(work: Work, audiences: Sequence[Audience], sender: Sender, mail: Mail) -> Summary:
    """Send what is news to each audience; ``told``, ``over``: mails that left, ``untold``: those that could not.

    One audience that cannot be reached holds up no other, one mail that is refused no later one. Raises the first error
    of a carrier after everything else was tried: the run is then tried again. Without a mail server nothing leaves or
    counts as told, and it is logged.
    """
    now = work.clock.now()
    counts = {"told": 0, "over": 0, "untold": 0}
    failed: list[GatewayError] = []
    for audience in audiences:
        news = _news(work.connection, audience.name, mail, now)
        if audience.carrier is None:
            counts["untold"] += len(news)
            continue
        for one in news:
            try:
                _send(work.connection, audience, audience.carrier, sender, one, now)
                counts["over" if one.over else "told"] += 1
            except Unavailable as error:
                failed.append(error)
                break  # it is away for the others, too
            except GatewayError as error:
                failed.append(error)
    if counts["untold"]:
        logger.warning("no mail server: %s alerts are told on the pages only", counts["untold"])
    if failed:
        raise failed[0]
    return Summary(counts)


def _news(connection: Connection, audience: str, mail: Mail, now: datetime) -> list[News]:
    values = {
        "audience": audience, "codes": mail.codes_of(audience), "gone": now - timedelta(minutes=mail.quiet_minutes),
    }  # fmt: skip
    with connection.cursor(row_factory=class_row(News)) as cursor:
        return cursor.execute(_NEWS, values).fetchall()


def _send(
    connection: Connection, audience: Audience, carrier: Carrier, sender: Sender, news: News, now: datetime
) -> None:
    message_id = _message_id(audience.name, sender, news)
    carrier.send(f"{news.code}.eml", letter(audience.recipients, sender, news, message_id, now))
    with connection.transaction():
        connection.execute(
            "INSERT INTO gateway.alert_told (alert_pk, audience, gist, step, over, message_id, told_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            (news.alert_pk, audience.name, news.gist, news.step, news.over, message_id, now),
        )


def _message_id(audience: str, sender: Sender, news: News) -> str:
    about = f"{news.alert_pk} {audience} {news.gist} {news.step} {news.over} {news.raised_at.isoformat()}"
    digest = hashlib.sha256(about.encode()).hexdigest()[:24]
    return f"<alert-{news.alert_pk}-{digest}@{sender.address.rpartition('@')[2]}>"


def letter(recipients: Sequence[str], sender: Sender, news: News, message_id: str, now: datetime) -> bytes:
    """The mail about one cause: what is wrong, what to do, where. Figures and a link, no personal data."""
    message = EmailMessage()
    what = REASONS[news.code].vi
    mark = "Đã hết" if news.over else "Cập nhật" if news.first_id else "Cảnh báo"
    message["Subject"] = f"[{mark}] {what}" + (f" – {news.partner}" if news.partner else "")
    message["From"] = sender.address
    message["To"] = ", ".join(recipients)
    message["Date"] = now
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    if news.first_id:
        message["In-Reply-To"] = message["References"] = news.first_id
    link = f"{sender.console_url}{news.path}"
    todo = "Không cần làm gì thêm." if news.over else f"Việc cần làm: {news.action}"
    message.set_content(
        f"{'Đã hết: ' if news.over else ''}{news.text_vi}\n\n{todo}\n\nMở trang: {link}\n\n"
        f"Từ {told(news.raised_at)}. Mã: {news.code}. Mọi cảnh báo đang mở: {sender.console_url}/\n"
        "Thư này chỉ gửi lại khi tình hình đổi khác.\n"
    )
    return message.as_bytes()
