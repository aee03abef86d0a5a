"""The history of the database's tables, from the first one on; alembic runs it.

There is no ``alembic.ini``: `survey.services.schema` configures alembic in the program, so that
an installed wheel can migrate. ``python -m survey.migrations revision --autogenerate -m "…"``
writes a new script. A merged script is never edited; a change is expand, move, contract.
"""
