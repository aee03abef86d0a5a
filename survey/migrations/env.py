"""Alembic's entry: run the scripts on the connection it is given, in one transaction.

Called by `survey.services.schema` with a connection, or by ``python -m survey.migrations`` with
``-x database=URL``. Tables come from the records, so importing their modules is the point of
the unused names below.
"""

from alembic import context
from sqlalchemy import Connection

from survey.records import collection, people, rounds, units  # noqa: F401 - fill the metadata
from survey.records.base import Record
from survey.records.store import Store


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Record.metadata,
        compare_type=True,
        # SQLite changes a table by building it anew.
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


def _run_on_named_database() -> None:
    url = context.get_x_argument(as_dictionary=True).get("database")
    if not isinstance(url, str):
        msg = "name the database: python -m survey.migrations -x database=URL …"
        raise SystemExit(msg)
    store = Store.at(url)
    try:
        with store.engine.begin() as connection:
            _run(connection)
    finally:
        store.dispose()


_given = context.config.attributes.get("connection")
if isinstance(_given, Connection):
    _run(_given)
else:
    _run_on_named_database()
