"""What payments add to their requests where the partner's side names none: in a sum, or settled in bulk.

Each is held against its own request, as one that the partner names is (``pairs``). It comes after everything of the
request that was judged before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.reconciliation.cases import Day
from gateway.reconciliation.outcomes import Outcome
from gateway.reconciliation.pairs import judged_by_request
from gateway.reconciliation.sides import Ours, Paid


class Requests:
    """The requests of a day, as a step adds payments to them, one sum or batch after the other."""

    def __init__(self, day: Day) -> None:
        self._role = day.role
        self._paid = day.paid
        self._added: Counter[str] = Counter()

    def not_as_asked(self, payments: Iterable[Ours]) -> Mapping[int, Mapping[str, Any]]:
        """Of payments that both sides have, by number in the order of their requests: what is wrong, how it is told.

        That something is missing is told once of a request: with the last of the first payments that are judged of it.
        """
        of_request: dict[tuple[str, int], list[Ours]] = defaultdict(list)
        for one in sorted(payments, key=lambda one: (one.reference, one.on, one.pk)):
            of_request[one.reference, 0 if one.reference else one.pk].append(one)
        found = {}
        for (reference, _), some in of_request.items():
            amount = sum(one.amount for one in some)
            paid = self._paid.get(reference, Paid(amount, 0)) if reference else Paid(amount, 0)
            earlier = paid.judged + self._added[reference]
            before, total = some[0].prior + earlier, some[0].prior + max(paid.of_day, amount)
            for one in some:
                last = one is some[-1] and not earlier
                said = judged_by_request(self._role, one, one.amount, before, total, last, 1, len(some))
                if said.get("outcome", Outcome.MATCHED) is not Outcome.MATCHED:
                    found[one.pk] = said
                before += one.amount
            if reference:
                self._added[reference] += amount
        return found
