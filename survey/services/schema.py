"""The database's schema: bring it to the newest migration, or say where it stands.

Alembic is configured here rather than in an ``alembic.ini``, because an installed wheel has no
such file beside it.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from survey.records.store import Store

__all__ = ["configuration", "current", "head", "is_ready", "upgrade"]


def configuration() -> Config:
    """Return alembic's configuration: where the scripts are and how a new one is named.

    Returns
    -------
    alembic.config.Config
    """
    config = Config()
    config.set_main_option("script_location", "survey:migrations")
    config.set_main_option("file_template", "%%(year)d%%(month).2d%%(day).2d_%%(slug)s")
    config.set_main_option("timezone", "UTC")
    return config


def upgrade(store: Store) -> None:
    """Bring the database to the newest migration, in one transaction.

    Parameters
    ----------
    store : Store
        An empty database, or one that an earlier version of the program used.

    Raises
    ------
    alembic.util.CommandError
        The database was used by a newer version of the program.
    """
    if store.file is not None:
        store.file.touch(mode=0o600)  # SQLite gives the file of its log the same mode
    config = configuration()
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def head() -> str:
    """Return the newest migration that this program knows.

    Returns
    -------
    str
        Its revision.
    """
    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    assert newest is not None  # noqa: S101 - the package carries at least its first migration
    return newest


def current(store: Store) -> str | None:
    """Return the migration that the database is at, none where nothing was ever created.

    A SQLite file that does not exist is not made by asking.

    Parameters
    ----------
    store : Store

    Returns
    -------
    str or None
        A revision, which an older program may not know.
    """
    if store.file is not None and not store.file.exists():
        return None
    with store.read() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


def is_ready(store: Store) -> bool:
    """Say whether the database answers and is at the newest migration.

    Parameters
    ----------
    store : Store

    Returns
    -------
    bool
        Also false, instead of an error, where the database cannot be reached.
    """
    try:
        return current(store) == head()
    except SQLAlchemyError:
        return False
