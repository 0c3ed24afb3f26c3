"""A PostgreSQL database without rows for the next test: emptying one is far quicker than making one.

What is empty stays untouched, and one connection to each database does it for all tests.
"""

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from dunning.records import Base

TABLES = sorted(Base.metadata.tables)
PRESENT = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
FILLED = sql.SQL(" union all ").join(
    sql.SQL("select {} where exists (select from {})").format(name, sql.Identifier(name)) for name in TABLES
)
NUMBERS_ANEW = "select setval(sequencename::text, 1, false) from pg_sequences where last_value is not null"
# rows go in any order, and nobody waits for what a test has locked
OPTIONS = "-c session_replication_role=replica -c lock_timeout=2s"
_cleaners: dict[str, psycopg.Connection] = {}


def empty_tables(url: str) -> bool:
    """Empties every table and begins its numbers anew; False when the test left another schema, or a lock.

    DELETE and VACUUM: TRUNCATE gives each table new files, which takes longer than the few rows of a test.
    """
    if url not in _cleaners:
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        _cleaners[url] = psycopg.connect(address, autocommit=True, options=OPTIONS)
    cleaner = _cleaners[url]
    try:
        if {name for (name,) in cleaner.execute(PRESENT)} != {*TABLES, "alembic_version"}:
            return False
        filled = [sql.Identifier(name) for (name,) in cleaner.execute(FILLED)]
        with cleaner.transaction():
            for table in filled:
                cleaner.execute(sql.SQL("delete from {}").format(table))
            cleaner.execute(NUMBERS_ANEW)
        if filled:
            cleaner.execute(sql.SQL("vacuum {}").format(sql.SQL(", ").join(filled)))
    except psycopg.OperationalError:
        return False
    return True
