#!/bin/sh
# The part of the official image's entry point that is in use here: POSTGRES_USER, POSTGRES_PASSWORD,
# POSTGRES_DB and POSTGRES_INITDB_ARGS at first start; arguments go on to the server.
# https://github.com/docker-library/docs/blob/master/postgres/README.md
set -eu

case "${1:-postgres}" in
    -*) set -- postgres "$@" ;;
esac
[ "${1:-postgres}" = postgres ] || exec "$@"
[ $# -gt 0 ] || set -- postgres

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA"
    chown -R postgres:postgres "$PGDATA"
    chmod 700 "$PGDATA"
    exec gosu postgres "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_PASSWORD:?is needed to create the database}"
    user=${POSTGRES_USER:-postgres}
    # Built aside and moved in, PG_VERSION last: a first start that was killed begins again.
    find "$PGDATA" -mindepth 1 -delete
    new="$PGDATA/new"
    password=$(mktemp)
    printf '%s\n' "$POSTGRES_PASSWORD" > "$password"
    # shellcheck disable=SC2086 # several arguments in one variable, as in the official image
    initdb --no-sync --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256 \
        --username="$user" --pwfile="$password" --pgdata="$new" ${POSTGRES_INITDB_ARGS:-} > /dev/null
    rm -f "$password"
    echo 'host all all all scram-sha-256' >> "$new/pg_hba.conf"
    if [ "${POSTGRES_DB:-$user}" != postgres ]; then
        name=$(printf %s "${POSTGRES_DB:-$user}" | sed 's/"/""/g')
        echo "CREATE DATABASE \"$name\"" | postgres --single -j -D "$new" postgres > /dev/null
    fi
    sync
    find "$new" -mindepth 1 -maxdepth 1 ! -name PG_VERSION -exec mv {} "$PGDATA/" \;
    mv "$new/PG_VERSION" "$PGDATA/" && rmdir "$new"
fi
exec "$@"
