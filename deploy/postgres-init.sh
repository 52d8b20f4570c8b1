#!/bin/sh
# Runs once, when PostgreSQL's volume is new: two databases whose owners cannot see each other's tables.
set -eu
secret() { cat "/run/secrets/$1"; }

psql -v ON_ERROR_STOP=1 -U postgres \
    -v airflow="$(secret airflow_database_password)" \
    -v owner="$(secret gateway_owner_password)" \
    -v worker="$(secret gateway_worker_password)" \
    -v console="$(secret gateway_console_password)" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow';
CREATE DATABASE airflow OWNER airflow;
CREATE ROLE gateway_owner LOGIN CREATEROLE PASSWORD :'owner';
CREATE DATABASE gateway OWNER gateway_owner;
-- The migrations grant to these roles; the workers' tasks sign in as the first, the pages in the API server as the second.
CREATE ROLE gateway_worker LOGIN PASSWORD :'worker';
CREATE ROLE gateway_console LOGIN PASSWORD :'console';
CREATE ROLE gateway_door NOLOGIN;
CREATE ROLE gateway_auditor NOLOGIN;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
REVOKE CONNECT ON DATABASE gateway FROM PUBLIC;
GRANT CONNECT ON DATABASE gateway TO gateway_worker, gateway_door, gateway_console, gateway_auditor;
\connect gateway
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
SQL
