"""The dossier system's events."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "not-json", "không phải JSON", "the signed payload is not JSON", "Ask the dossier system for a correct event."
    ),
    Reason(
        "duplicate-key",
        "một khóa JSON xuất hiện hai lần",
        "a JSON key is there twice, so it says two things",
        "Ask the dossier system; nobody chooses one of the two.",
    ),
    Reason(
        "demo-day-out-of-order",
        "ngày thử nghiệm chạy sai thứ tự",
        "a step of the demo day came before what it needs",
        "Let the DAGs of the step before finish first.",
    ),
    Reason(
        "simulator-refused",
        "hệ thống mô phỏng không làm được",
        "a simulator could not do what the script asked",
        "Look at the simulator's log.",
    ),
    Reason("simulator-away", "hệ thống mô phỏng không trả lời", "a simulator does not answer", "Start it again."),
)
