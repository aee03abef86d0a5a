"""Numbered copies of a paper form: 500 of the officials' four pages, beside one copy alone.

The promise is 500 copies in 30 s; what each copy costs is its four QR codes, which are the floor.
"""

import time

from questionnaires.library import shipped
from survey.documents.paper_pdf import print_questionnaire
from survey.documents.typesetting import qr_svg
from survey.rules.invitations import new_serial

COPIES = 500
FACTS = {"unit.handles_procedures": "yes", "sample.selection": "drawn"}


def rows() -> list[tuple[str, float, float, str]]:
    """Measure once each: the work is seconds long."""
    questionnaire = shipped("officials_par")
    start = time.perf_counter()
    pages = print_questionnaire(questionnaire, facts=FACTS).template.pages
    alone = time.perf_counter() - start
    serials = [new_serial() for _ in range(COPIES)]
    start = time.perf_counter()
    print_questionnaire(questionnaire, serials=serials, facts=FACTS)
    copies = time.perf_counter() - start
    start = time.perf_counter()
    for serial in serials:
        for page in range(1, pages + 1):
            qr_svg(f"{questionnaire.id}:{serial}:{page}")
    codes = time.perf_counter() - start
    return [
        (f"a blank form of {pages} pages", alone, 30.0, "the promise for 500 copies"),
        (f"{COPIES} copies", copies, 30.0, "the promise"),
        (f"{COPIES} copies", copies, codes, "their QR codes alone"),
    ]
