"""How long one piece of work goes on before others have their turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Seconds = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Turn:
    """Over at ``ends_at`` of a clock that only runs forward; never, where none is told."""

    ends_at: float | None = None
    now: Seconds = field(default=time.monotonic, repr=False)

    @property
    def is_over(self) -> bool:
        """Nothing more is begun then; what is under way is finished."""
        return self.ends_at is not None and self.now() >= self.ends_at
