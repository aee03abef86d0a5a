"""The survey itself: rules, records, queries, services, documents and the command line.

There is no facade: callers import one service module at a time (``survey.services.collect``),
so that the list of imports at the top of a file says what the file can do.
"""
