"""Give the master user of an RDS database the rights that it has on AWS, and no more.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html: the master is no
superuser but has LOGIN, CREATEROLE and CREATEDB and is a member of ``rds_superuser``; the superuser is ``rdsadmin``,
whose password nobody outside has. MiniStack makes the master the server's superuser, behind which missing grants hide.
"""

import os
import secrets
from typing import Any

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from cloud.core import settings

ADMINISTRATOR = "rdsadmin"
GROUP = "rds_superuser"
# Roles that the master may hand on: the page above, under "Understanding the rds_superuser role".
HANDED_ON = ("rds_password", "rds_replication")
PREDEFINED = ("pg_monitor", "pg_signal_backend", "pg_checkpoint")


def administrator_password() -> str:
    """The password of ``rdsadmin``, drawn once and kept with the emulator's state."""
    path = settings.state_directory() / "rds-administrator"
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    if not path.exists():
        with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(drawn, path)  # fails when another thread was first, whose password then holds
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return path.read_text()


def connect(host: str, port: int, database: str = "postgres") -> Connection:
    """A connection as ``rdsadmin``, each statement a transaction of its own."""
    connection = psycopg2.connect(
        host=host,
        port=port,
        user=ADMINISTRATOR,
        password=administrator_password(),
        dbname=database,
        sslmode="require",
        connect_timeout=5,
    )
    connection.autocommit = True
    return connection


def provision(connection: Connection, master: str, password: str, database: str) -> None:
    """Make the roles and databases of a new instance; what is there already stays as it is."""
    with connection.cursor() as cursor:
        for name in (GROUP, "rds_iam", *HANDED_ON):
            _role(cursor, name, sql.SQL("NOLOGIN"))
        for name in (*PREDEFINED, *HANDED_ON):
            cursor.execute(
                sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(name), sql.Identifier(GROUP))
            )
        _role(
            cursor,
            master,
            sql.SQL(
                "LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE NOREPLICATION VALID UNTIL 'infinity' PASSWORD {}"
            ).format(sql.Literal(password)),
        )
        cursor.execute(
            sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(GROUP), sql.Identifier(master))
        )
        _database(cursor, ADMINISTRATOR, ADMINISTRATOR)
        cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(ADMINISTRATOR)))
        cursor.execute(sql.SQL("ALTER DATABASE postgres OWNER TO {}").format(sql.Identifier(master)))
        if database:
            _database(cursor, database, master)


def set_password(connection: Connection, master: str, password: str) -> None:
    """Give the master another password."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(master), sql.Literal(password)))


def _role(cursor: Any, name: str, options: sql.Composable) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,))
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), options))


def _database(cursor: Any, name: str, owner: str) -> None:
    cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    if cursor.fetchone() is None:
        cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(name), sql.Identifier(owner)))
