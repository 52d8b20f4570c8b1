"""What ``airflow providers list`` shows of us; registered by the entry point ``apache_airflow_provider``."""

from __future__ import annotations

from typing import Any


def get_provider_info() -> dict[str, Any]:
    """The provider's description, in Airflow's own format."""
    return {
        "package-name": "integration-gateway",
        "name": "Integration gateway",
        "description": "Messages, money and proofs of a Vietnamese province.",
        "integrations": [
            {
                "integration-name": "Integration gateway",
                "external-doc-url": "https://www.rabbitmq.com/docs",
                "tags": ["protocol"],
            }
        ],
        "triggers": [
            {
                "integration-name": "Integration gateway",
                "python-modules": ["gateway.airflow.amqp_trigger"],
            }
        ],
        "queues": ["gateway.airflow.amqp_trigger.AmqpQueueProvider"],
        "notifications": ["gateway.airflow.notifier.FailureNotifier"],
    }
