"""Pages of every member of staff: sign-in, home, own password; accounts and audit log."""

from webforms.staff.views import blueprint

__all__ = ["blueprint"]
