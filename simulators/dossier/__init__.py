"""The provincial dossier system: publishes signed CloudEvents over AMQP, keeps what the gateway tells it."""
