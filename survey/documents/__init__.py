"""Files to print, sign or send: values in, bytes out.

Nothing here reads a database or decides what may be shown; the caller has decided.
"""
