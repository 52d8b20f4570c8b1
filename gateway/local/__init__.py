"""Services for a machine that has none: a private PostgreSQL, RabbitMQ, OpenSSH server and Airflow.

For demonstrations and tests only. Everything is started as a child, listens on loopback with generated passwords,
keeps its state in one folder and is gone when it is stopped. Production names its services by ``GATEWAY_*`` settings.
"""
