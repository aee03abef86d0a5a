"""The clerk's pages: batches, keying of paper forms by keyboard alone, and decisions.

Views live in ``views``; importing it here is what registers them on the blueprint.
"""

from webforms.clerk.views import blueprint

__all__ = ["blueprint"]
