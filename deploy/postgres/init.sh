#!/bin/bash
# Makes a database and a role for each read model, so that no worker can read or write another's
# tables; and one role that reads them all, for the API. The read models are those whose password
# is set: ORDER_DB_PASSWORD is that of `order`.
# Runs when the data folder is new. Run it again to add a read model; what exists is left alone.
set -euo pipefail

run() { psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" "$@"; }

# Whether the catalogue $1 has a row whose column $2 is $3.
has() {
    [ -n "$(echo "SELECT 1 FROM $1 WHERE $2 = :'name'" |
        run --dbname postgres --tuples-only --no-align --set name="$3")" ]
}

# A role $1 that may log in with the password $2.
make_role() {
    has pg_roles rolname "$1" ||
        echo "CREATE ROLE :\"name\" LOGIN PASSWORD :'password'" |
        run --dbname postgres --set name="$1" --set password="$2"
}

passwords=$(compgen -e | grep '_DB_PASSWORD$') || {
    echo "init.sh: no variable <NAME>_DB_PASSWORD is set, so there is no database to make" >&2
    exit 1
}
make_role daybook_reader "$READER_PASSWORD"

for password in $passwords; do
    model=${password%_DB_PASSWORD}
    name=daybook_${model,,}
    make_role "$name" "${!password}"
    has pg_database datname "$name" ||
        echo 'CREATE DATABASE :"name" OWNER :"name"' | run --dbname postgres --set name="$name"
    # What the worker will make (schemas and their tables), the reader may read.
    run --dbname "$name" --set name="$name" <<'END'
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO daybook_reader;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO daybook_reader;
GRANT ALL ON SCHEMA public TO :"name";
ALTER DEFAULT PRIVILEGES FOR ROLE :"name" GRANT USAGE ON SCHEMAS TO daybook_reader;
ALTER DEFAULT PRIVILEGES FOR ROLE :"name" GRANT SELECT ON TABLES TO daybook_reader;
END
done
