"""Private services of a demo, and Airflow."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "local-service-did-not-start",
        "dịch vụ cục bộ không khởi động được",
        "a private service did not start",
        "Read the log that the message names.",
    ),
    Reason(
        "local-service-survived",
        "tiến trình không chịu dừng",
        "a private service is alive after KILL",
        "End the processes that the message names by hand.",
    ),
    Reason(
        "system-package-missing",
        "thiếu gói phần mềm hệ thống",
        "a package of the distribution is not installed",
        "Install it in one of the ways that the message names.",
    ),
    Reason(
        "postgres-cannot-be-made",
        "không tạo được máy chủ PostgreSQL cục bộ",
        "no private PostgreSQL server can be made here",
        "Name a server in GATEWAY_DATABASE_URL.",
    ),
    Reason(
        "airflow-does-not-answer",
        "Airflow không trả lời",
        "Airflow's API does not answer",
        "Look at the log of the API server.",
    ),
    Reason("airflow-refused", "Airflow từ chối yêu cầu", "Airflow's API refused a request", "Do what its answer says."),
    Reason(
        "airflow-run-not-over",
        "lượt chạy chưa kết thúc",
        "a DAG run is not over in time",
        "Look at the run in Airflow: which task is it waiting for?",
    ),
    Reason(
        "demonstration-sign-in",
        "Airflow dùng cách đăng nhập chỉ dành cho bản trình diễn",
        "production runs under a sign-in for demonstrations",
        "Name an auth manager that knows your people in AIRFLOW__CORE__AUTH_MANAGER.",
    ),
    Reason(
        "partition-key-missing",
        "thiếu khóa ngày đối soát",
        "a run has no business date",
        "Trigger the DAG with the partition key that its page shows.",
    ),
)
