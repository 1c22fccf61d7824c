#!/usr/bin/env bash
# The readers' role: `index.stores.upload` gives it each generation that it publishes.
set -euo pipefail
password=$(tr -d '\n' < /run/secrets/reader)
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
     --set password="$password" <<'SQL'
CREATE EXTENSION IF NOT EXISTS vector;
CREATE ROLE secretpro_reader LOGIN PASSWORD :'password';
SQL
