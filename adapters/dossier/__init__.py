"""The provincial dossier system: signed CloudEvents over AMQP, in both directions (project-defined contract)."""
