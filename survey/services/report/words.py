"""Words for the codes that an index document carries: how people were chosen, how it was counted.

The document keeps the codes, which programs read; a report is read by people.
"""

from collections.abc import Callable, Mapping

from survey.services.report.edition import Edition

__all__ = ["in_words"]


def in_words(edition: Edition, field: str, codes: str) -> str:
    """Say codes in the reader's language.

    Parameters
    ----------
    edition : Edition
    field : {"counting", "selection", "method", "notes", "flags"}
        Where the codes stand: equal codes of two fields mean different things.
    codes : str
        One code, or several separated by ", "; what follows a colon (a group, a criterion) stays.

    Returns
    -------
    str
        A code that has no words, such as a value map of an office's own, stays as it is.
    """
    words = _WORDS[field](edition)
    return "; ".join(_said(words, code) for code in codes.split(", "))


def _said(words: Mapping[str, str], code: str) -> str:
    name, colon, detail = code.partition(":")
    return f"{words.get(name, name)}{colon and ': '}{detail}"


def _counting(edition: Edition) -> dict[str, str]:
    _ = edition.gettext
    return {
        "linear": _("linear, in equal steps"),
        "satisfied": _("share of the two best answers"),
        "population": _("by the number of people in the group"),
        "pooled": _("every answer counts alike"),
        "fixed": _("fixed by decision"),
        "per_item": _("each question counts among those who were asked it"),
        "per_respondent": _("the questions asked carry the whole criterion"),
        "min": _("equal points share the better rank, the next ranks stay empty (1, 2, 2, 4)"),
        "dense": _("equal points share a rank, the next rank follows (1, 2, 2, 3)"),
    }


def _selection(edition: Edition) -> dict[str, str]:
    _ = edition.gettext
    return {
        "list": _("by name"),
        "positions": _("by place in the list"),
        "picked": _("picked by the unit"),
        "not_certified": _("not certified by the unit"),
    }


def _intervals(edition: Edition) -> dict[str, str]:
    _ = edition.gettext
    return {
        "t_satterthwaite": _("t with Satterthwaite's degrees of freedom"),
        "shrunk_t": _("t with a shrunken variance"),
        "bounds": _("bounds of what the unseen answers could be"),
        "census": _("everybody answered"),
        "single_answer": _("one answer only"),
        "unanimous": _("all answers alike"),
        "group_unanswered": _("no answer from the group"),
        "item_nonresponse": _("questions left empty"),
        "no_variance": _("no variance"),
        "variance_floored": _("negative variance set to zero"),
        "clipped": _("cut to what is possible"),
    }


def _flags(edition: Edition) -> dict[str, str]:
    _ = edition.gettext
    return {
        "one_person": _("one person only"),
        "one_answer": _("one answer only"),
        "unanimous": _("a question that everybody answered alike"),
        "exposed_zero": _("official points are zero"),
        "exposed_maximum": _("official points are at their maximum"),
    }


_WORDS: Mapping[str, Callable[[Edition], dict[str, str]]] = {
    "counting": _counting,
    "selection": _selection,
    "method": _intervals,
    "notes": _intervals,
    "flags": _flags,
}
