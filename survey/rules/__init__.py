"""Decisions about a round from plain values: what may happen, to whom, in which state.

Nothing here reads a database or a clock; a rule that needs a fact takes it as an argument.
"""
