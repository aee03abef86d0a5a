"""The index as pages, charts and files, in the edition that the reader may see.

Views live in ``views``; importing it here is what registers them on the blueprint.
"""

from webforms.results.views import blueprint

__all__ = ["blueprint"]
