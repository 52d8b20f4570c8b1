"""What a failed sign-in means for the message that needed it: nothing of the business was sent yet.

So a wrong password or a garbled login answer costs lateness and gives no message up.
"""

from __future__ import annotations

from collections.abc import Callable

from adapters.wire.rest import RestClient
from gateway.errors import ConfigurationError, GatewayError, Refused, Unavailable
from gateway.model import SendOutcome, SendVerdict
from gateway.ports import outcome_of

Login = Callable[[RestClient], str]
_WAY_CLOSED = frozenset({"403", "404", "405", "407"})
_NOTHING_SENT = frozenset({"session-not-accepted", "tls-peer-untrusted"})


def nothing_sent_yet(login: Login) -> Login:
    """``login``, whose every failure is Unavailable with the code it had."""

    def signed_in(client: RestClient) -> str:
        try:
            return login(client)
        except GatewayError as error:
            raise unavailable(error) from error

    return signed_in


def unavailable(error: GatewayError) -> Unavailable:
    """The same case as Unavailable: for what can be tried again without harm."""
    if isinstance(error, Unavailable):
        return error
    return Unavailable(error.message, code=error.code, where=error.where, action=error.action)


def outcome_of_call(error: GatewayError) -> SendOutcome:
    """``outcome_of``, with the partner's own code in the facts of a refusal.

    A session that the partner will not take, a server that is not who it should be, an address or a permission that is
    wrong are no refusal of the message, and leave nothing in doubt.
    """
    if error.code in _NOTHING_SENT or isinstance(error, ConfigurationError) or _never_reached(error):
        error = unavailable(error)
    outcome = outcome_of(error)
    if outcome.verdict is SendVerdict.REFUSED and isinstance(error, Refused):
        facts = {"partner_code": error.partner_code, "partner_message": error.message}
        return SendOutcome(outcome.verdict, outcome.code, outcome.detail, facts=facts)
    return outcome


def _never_reached(error: GatewayError) -> bool:
    # These partners refuse a message inside a 200; such a status tells of the way to them, for every message alike.
    return isinstance(error, Refused) and error.code == "http-refused" and error.partner_code in _WAY_CLOSED
