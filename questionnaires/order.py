"""The order in which one respondent sees the options of a question.

The order follows from a recorded seed by SHA-256 alone, so that it can be told again years later on
any machine; a library's generator may change with its version.
"""

import hashlib

from questionnaires.choices import MissingCode, Option
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import MultiItem, NoteItem, OptionOrder, Question, SingleItem

__all__ = ["option_order"]


def option_order(
    questionnaire: Questionnaire, item: Question | NoteItem, seed: int
) -> tuple[Option, ...]:
    """Put the options of an item in the order in which they are shown.

    Every option gets SHA-256 of ``seed/item id/code`` as its key and options are sorted by it, so
    all orders are equally likely and the orders of different items are independent.

    Parameters
    ----------
    questionnaire : Questionnaire
    item : an item of this questionnaire
    seed : the respondent's number, of any size; it is recorded with the answers

    Returns
    -------
    tuple of Option
        As `Questionnaire.options_of` gives them where the order is as written. Otherwise options
        that say ``last`` follow the others in the written order, special codes follow these.
    """
    options = questionnaire.options_of(item)
    if not isinstance(item, SingleItem | MultiItem) or item.order is OptionOrder.AS_WRITTEN:
        return options
    reserved = {code.value for code in MissingCode}
    fixed = [option for option in options if option.last or option.code in reserved]
    moved = [option for option in options if option not in fixed]
    moved.sort(key=lambda option: _key(seed, item.id, option.code))
    return (*moved, *fixed)


def _key(seed: int, item_id: str, code: str) -> bytes:
    return hashlib.sha256(f"{seed}/{item_id}/{code}".encode()).digest()
