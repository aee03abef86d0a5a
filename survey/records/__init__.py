"""What is stored: one table a class, invariants named, and the engine that keeps them.

Every primary key of a table that may touch an answer is random, never a counter or a time:
an ordered key would tell in which order people answered.
"""
