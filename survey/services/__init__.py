"""What people do with the survey: one module a verb, called by pages and by the command line.

A service takes the session first and flushes but never commits: whoever opened the transaction
(a page, a command) ends it, so that a verb and its audit row stand or fall together.
"""
