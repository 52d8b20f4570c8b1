"""Pages for finance and operations: FastAPI and Jinja, mounted into Airflow by the plugin. Vietnamese first."""
