"""Simulated respondents and clerks for the demonstration: they use the pages as people do.

They know nothing of the database. A round that they answer is marked simulated for good, and
every page, sheet and chart made from it says so.
"""
