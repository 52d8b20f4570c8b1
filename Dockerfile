# One image for every Airflow component, the migrations and the partner simulators.
FROM python:3.11-slim-bookworm AS build
ENV UV_PROJECT_ENVIRONMENT=/opt/gateway/.venv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
WORKDIR /opt/gateway
RUN pip install --no-cache-dir uv
COPY pyproject.toml uv.lock README.md ./
RUN uv sync --frozen --no-dev --all-extras --no-install-project
COPY gateway gateway
COPY adapters adapters
COPY simulators simulators
RUN uv sync --frozen --no-dev --all-extras --no-editable

FROM python:3.11-slim-bookworm
RUN useradd --uid 50000 --create-home --home-dir /var/lib/gateway gateway \
    && install -d -o gateway -g gateway /var/lib/gateway/var /var/lib/gateway/airflow/logs
COPY --from=build /opt/gateway/.venv /opt/gateway/.venv
COPY dags /opt/gateway/dags
COPY config /opt/gateway/config
COPY deploy/entrypoint.sh /opt/gateway/entrypoint.sh
ENV PATH=/opt/gateway/.venv/bin:$PATH PYTHONUNBUFFERED=1 AIRFLOW_HOME=/var/lib/gateway/airflow
USER gateway
WORKDIR /opt/gateway
ENTRYPOINT ["/opt/gateway/entrypoint.sh"]
CMD ["airflow", "version"]
