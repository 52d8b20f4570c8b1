"""What Airflow needs from us: a provider, a plugin, an AMQP trigger, assets, the retry policy and the notifier.

Knows Airflow and the core's words; reaches the core itself through ``gateway.bootstrap``, inside tasks only.
"""
