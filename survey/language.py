"""Languages of the interface, and where their catalogues live.

Message ids are English. Sentences below the web stand on exception classes and in constants
named ``…_FAULT`` or ``…_FAULTS``; `scripts/catalogue` finds them there.
"""

import gettext
from functools import cache
from pathlib import Path

LANGUAGES = ("vi", "en")
"""The first is shown until another is chosen."""

TRANSLATIONS = Path(__file__).parent / "translations"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the catalogue of ``language``; English is the language of the ids themselves."""
    return gettext.translation(
        "messages", localedir=TRANSLATIONS, languages=[language], fallback=language == "en"
    )
