#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, where they are not there yet, in a folder that only you may open.
# The secrets of the partners are theirs: put them into the files it names.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
cd secrets

random() { head -c "$1" /dev/urandom | od -An -tx1 | tr -d ' \n'; }
make() { [ -e "$1" ] || printf '%s\n' "$2" >"$1"; }

make postgres_password "$(random 24)"
make airflow_database_password "$(random 24)"
make gateway_owner_password "$(random 24)"
make gateway_worker_password "$(random 24)"
make gateway_console_password "$(random 24)"
make rabbitmq.conf "default_user = gateway
default_pass = $(random 24)"
make airflow_secret_key "$(random 32)"
make airflow_jwt_secret "$(random 32)"
make airflow_fernet_key "$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"

broker=$(sed -n 's/^default_pass = //p' rabbitmq.conf)
airflow=$(cat airflow_database_password)
make amqp_url "amqp://gateway:$broker@rabbitmq:5672/%2F"
make airflow_database_url "postgresql+psycopg2://airflow:$airflow@postgres:5432/airflow"
make airflow_result_backend "db+postgresql+psycopg2://airflow:$airflow@postgres:5432/airflow"
make gateway_owner_database_url "postgresql://gateway_owner:$(cat gateway_owner_password)@postgres:5432/gateway"
make gateway_worker_database_url "postgresql://gateway_worker:$(cat gateway_worker_password)@postgres:5432/gateway"
make gateway_console_database_url "postgresql://gateway_console:$(cat gateway_console_password)@postgres:5432/gateway"

# The users inside the containers (postgres, rabbitmq, gateway) are not this user; on this machine the folder protects.
chmod 700 . && chmod 644 ./*

for partner in GATEWAY_PLATFORM_SECRET GATEWAY_PORTAL_PASSWORD GATEWAY_VNPOST_SECRET; do
    [ -e "$partner" ] || printf 'missing: %s/%s (the partner gives it to you)\n' "$PWD" "$partner" >&2
done
