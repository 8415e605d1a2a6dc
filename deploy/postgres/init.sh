#!/bin/bash
# Runs once, when the data folder is new. A database and a role for each read model, so that no
# worker can read or write another's tables; and one role that reads them all, for the API.
set -euo pipefail

run() { psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" "$@"; }

run --dbname postgres --set password="$READER_PASSWORD" <<'END'
CREATE ROLE daybook_reader LOGIN PASSWORD :'password';
END

for model in order shipment payment audit; do
    password=${model^^}_DB_PASSWORD
    run --dbname postgres --set name="daybook_$model" --set password="${!password}" <<'END'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO daybook_reader;
END
    # What the worker will make (schemas and their tables), the reader may read.
    run --dbname "daybook_$model" --set name="daybook_$model" <<'END'
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO daybook_reader;
GRANT ALL ON SCHEMA public TO :"name";
ALTER DEFAULT PRIVILEGES FOR ROLE :"name" GRANT USAGE ON SCHEMAS TO daybook_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE :"name" GRANT SELECT ON TABLES TO daybook_reader;
END
done
