"""RabbitMQ."""

from __future__ import annotations

from gateway.reasons.reason import Reason

REASONS: tuple[Reason, ...] = (
    Reason(
        "amqp-unreachable",
        "không kết nối được RabbitMQ",
        "no connection to the broker",
        "Nothing: it is tried again.",
    ),
    Reason(
        "amqp-connection-lost",
        "mất kết nối RabbitMQ",
        "the connection to the broker broke",
        "Nothing: it is tried again with the same id.",
    ),
    Reason("amqp-channel-closed", "kênh RabbitMQ bị đóng", "the broker closed the channel", "Read the broker's log."),
    Reason(
        "amqp-sign-in-refused",
        "RabbitMQ không nhận đăng nhập",
        "user or virtual host not accepted",
        "Check GATEWAY_AMQP_URL.",
    ),
    Reason(
        "amqp-answer-unreadable",
        "trả lời không phải AMQP",
        "the answer is not AMQP",
        "Check that the address is a broker.",
    ),
    Reason("amqp-setting-invalid", "cấu hình AMQP sai", "an AMQP setting cannot be used", "Correct GATEWAY_AMQP_URL."),
    Reason(
        "amqp-broker-blocked",
        "RabbitMQ tạm ngừng nhận",
        "the broker takes no more messages",
        "Free the broker's memory or disk.",
    ),
    Reason(
        "amqp-consumer-cancelled",
        "RabbitMQ ngừng giao thông điệp",
        "the broker ended our subscription",
        "Check that the queue is still there.",
    ),
    Reason(
        "amqp-no-answer-in-time",
        "RabbitMQ không trả lời kịp",
        "the broker did not answer in time",
        "Nothing: it is tried again.",
    ),
    Reason(
        "amqp-not-accepted",
        "RabbitMQ không nhận thông điệp",
        "the broker did not take the message",
        "Nothing: it is tried again. Check the queue's limits.",
    ),
    Reason(
        "amqp-not-found",
        "không có exchange hoặc hàng đợi",
        "no such exchange or queue",
        "Declare the topology again.",
    ),
    Reason(
        "amqp-declared-otherwise",
        "hàng đợi đã có với thuộc tính khác",
        "it exists with other properties",
        "Remove it when it is empty, then declare again.",
    ),
    Reason(
        "amqp-message-impossible",
        "thông điệp không thể gửi qua AMQP",
        "the message cannot be told in AMQP",
        "Correct its headers or names.",
    ),
    Reason(
        "unroutable",
        "không hàng đợi nào nhận",
        "no queue takes this message",
        "Bind a queue to its routing key: what waits then leaves. Replay what was given up.",
    ),
)
