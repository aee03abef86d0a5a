"""Checks of a definition as a whole: references, routing order, codes, sums.

Everything is collected rather than raised, because a person who writes a questionnaire wants the
whole list at once. Only the search for questions that can never show waits until the conditions
are sound, since it has to evaluate them.
"""

from questionnaires.findings import Finding, Path
from questionnaires.soundness_conditions import condition_findings
from questionnaires.soundness_items import item_findings
from questionnaires.soundness_options import option_findings
from questionnaires.soundness_reach import unreachable
from questionnaires.soundness_repeats import repeat_findings
from questionnaires.soundness_scores import score_findings
from questionnaires.soundness_texts import text_findings
from questionnaires.tree import Definition

__all__ = ["Finding", "Path", "findings"]


def findings(definition: Definition) -> list[Finding]:
    """Check everything that needs more than one field.

    Parameters
    ----------
    definition : fields already valid one by one

    Returns
    -------
    list of Finding
        Empty when the definition can be used.
    """
    routing = [
        *item_findings(definition),
        *option_findings(definition),
        *repeat_findings(definition),
        *condition_findings(definition),
    ]
    other = [*text_findings(definition), *score_findings(definition)]
    return routing + other if routing else [*other, *unreachable(definition)]
