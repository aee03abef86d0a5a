"""Questionnaires out: canonical JSON.

Settings left at their default are not written, so a format that gains an optional setting keeps
the fingerprints of the questionnaires that do not use it.
"""

from questionnaires.questionnaire import Questionnaire

__all__ = ["to_canonical_json"]


def to_canonical_json(questionnaire: Questionnaire) -> str:
    """Write a questionnaire as the JSON that its fingerprint is taken of.

    Parameters
    ----------
    questionnaire : Questionnaire

    Returns
    -------
    str
        Sorted keys, no spaces, NFC; `reading.questionnaire_from_json` gives an equal object back.
    """
    return questionnaire.canonical_json
