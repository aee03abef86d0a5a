"""Reading: one module per file of records, each function one SELECT with its loading named.

Relationships are declared ``lazy="raise"``, so a query that forgets what its caller needs fails
in the first test instead of asking the database once a row.
"""
