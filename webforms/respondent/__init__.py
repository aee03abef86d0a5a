"""Pages of the respondent: link, consent, questions, checking, sending, receipt; and the notices.

Nothing here needs a script, an account or a second look at who is asking: the cookie holds the
link's token, and the token is all that anybody knows.
"""

from webforms.respondent import asides, sending, views
from webforms.respondent.desk import blueprint

__all__ = ["asides", "blueprint", "sending", "views"]
