"""What simulated people would answer: opinions with a unit's, a group's and a person's share.

Every choice comes from a stream named by seed, unit, group and slot, so that a demonstration
can be repeated whatever the order in which its people answer.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from questionnaires import (
    Answer,
    DateItem,
    DecimalItem,
    IntegerItem,
    MultiItem,
    Question,
    Questionnaire,
    Scale,
    ScaleItem,
    SingleItem,
    TextItem,
    calculated,
    evaluate,
)

_TRIES = 50
REMARKS = tuple(
    f"Câu trả lời mô phỏng: {remark}"
    for remark in (
        "đề nghị đơn giản hóa hồ sơ, không yêu cầu nộp lại giấy tờ đã có trong cơ sở dữ liệu.",
        "cần tập huấn thêm về ký số và xử lý văn bản trên môi trường điện tử.",
        "nên công khai tiến độ giải quyết hồ sơ theo tuần.",
        "đề nghị phân cấp rõ hơn, đi kèm kiểm tra định kỳ.",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How often simulated people do what real ones do."""

    no_opinion: float = 0.03
    left_blank: float = 0.012
    ineligible: float = 0.006
    other_group: float = 0.01
    remark: float = 0.12
    straight_line: float = 0.04


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A simulated respondent: where they stand in the sample."""

    unit: str
    group: str
    slot: int


def stream(seed: int, *names: object) -> np.random.Generator:
    """Return the random stream that belongs to ``names`` under ``seed``."""
    text = "\x1f".join(map(str, names)).encode()
    words = np.frombuffer(hashlib.sha256(text).digest(), dtype="<u4").tolist()
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def opinions(
    person: Person,
    questionnaire: Questionnaire,
    *,
    seed: int,
    groups: tuple[str, ...],
    habits: Habits,
) -> dict[str, Answer]:
    """Return what ``person`` would answer to every question, asked or not.

    Parameters
    ----------
    person : Person
    questionnaire : Questionnaire
    seed : of the demonstration
    groups : respondent groups of the round, the favoured one first
    habits : Habits

    Returns
    -------
    dict
        Answers by item id; an item left blank is absent.
    """
    rng = stream(seed, person.unit, person.group, person.slot)
    leaning = (
        0.71
        + 0.075 * float(stream(seed, person.unit).standard_normal())
        + (0.05 if person.group == groups[0] else -0.02)
        + 0.09 * float(rng.standard_normal())
    )
    straight = rng.random() < habits.straight_line
    found: dict[str, Answer] = {}
    for item in questionnaire.questions:
        lean = leaning if straight else leaning + 0.13 * float(rng.standard_normal())
        answer = _answer(item, questionnaire, person, lean=lean, rng=rng, habits=habits)
        if answer is not None:
            found[item.id] = answer
    again = stream(seed, "again", person.unit, person.group, person.slot)
    return _consistent(questionnaire, found, again)


def _consistent(
    questionnaire: Questionnaire, found: dict[str, Answer], rng: np.random.Generator
) -> dict[str, Answer]:
    """Draw numbers and days again that break a constraint, and leave out what still does."""
    for name in questionnaire.constraints:
        item = questionnaire.questions_by_id[name]
        for _ in range(_TRIES):
            if name not in found or not _breaks(questionnaire, found, name):
                break
            if isinstance(item, IntegerItem | DecimalItem | DateItem):
                found[name] = _written(item, float(rng.random()))
        else:
            del found[name]
    return found


def _breaks(questionnaire: Questionnaire, found: Mapping[str, Answer], name: str) -> bool:
    values = {**found, **calculated(questionnaire, found, {})}
    return any(evaluate(rule, values) is False for rule in questionnaire.constraints[name])


def _answer(
    item: Question,
    questionnaire: Questionnaire,
    person: Person,
    *,
    lean: float,
    rng: np.random.Generator,
    habits: Habits,
) -> Answer | None:
    draw = float(rng.random())
    match item:
        case ScaleItem():
            return _step(item, questionnaire, lean=lean, draw=draw, habits=habits)
        case SingleItem():
            return _single(item, questionnaire, person, draw=draw, habits=habits)
        case MultiItem():
            most = min(item.max_choices or len(item.options), len(item.options))
            count = 1 + int(draw * min(3, most))
            picked = set(rng.choice(len(item.options), size=count, replace=False).tolist())
            codes = [option.code for n, option in enumerate(item.options) if n in picked]
            return tuple(_without_lonely(item, codes))
        case TextItem():
            written = item.required or item.id in questionnaire.specified
            return _remark(item, draw) if written or draw < habits.remark else None
        case IntegerItem() | DecimalItem() | DateItem():
            return _written(item, draw)


def _without_lonely(item: MultiItem, codes: list[str]) -> list[str]:
    """Drop an answer that stands alone where there are others."""
    shared = [code for code in codes if code not in item.exclusive]
    return shared or codes[:1]


def _remark(item: TextItem, draw: float) -> str:
    """Choose a remark; a few words where no more fits."""
    remark = REMARKS[int(draw * 1e6) % len(REMARKS)]
    return remark if len(remark) <= item.max_length else "Mô phỏng"[: item.max_length].strip()


def _written(item: IntegerItem | DecimalItem | DateItem, draw: float) -> Answer:
    if isinstance(item, IntegerItem):
        return item.min + int(draw * (min(item.max, item.min + 9) - item.min))
    if isinstance(item, DecimalItem):
        number = item.min + round((item.max - item.min) * Decimal(draw), item.places)
        return f"{number:.{item.places}f}"
    return _day(item, draw)


def _day(item: DateItem, draw: float) -> str:
    """Choose a day among the last 28 that may be written."""
    last = item.max or dt.date(2022, 12, 31)
    first = max(item.min or dt.date.min, last - dt.timedelta(days=27))
    return (first + dt.timedelta(days=int(draw * ((last - first).days + 1)))).isoformat()


def _step(
    item: ScaleItem, questionnaire: Questionnaire, *, lean: float, draw: float, habits: Habits
) -> str | None:
    scale = questionnaire.scales[item.scale]
    if draw < habits.left_blank and not item.required:
        return None
    if draw < habits.left_blank + habits.no_opinion and scale.special:
        return scale.special[-1].code
    values = _values(questionnaire, scale)
    return min(scale.options, key=lambda option: abs(float(values[option.code]) - lean)).code


def _values(questionnaire: Questionnaire, scale: Scale) -> Mapping[str, Decimal]:
    """Give the values of a scale's codes; evenly spaced where the questionnaire has none."""
    scoring = questionnaire.scoring
    name = scoring.value_map if scoring else next(iter(questionnaire.value_maps), "")
    values = questionnaire.value_maps.get(name, {})
    codes = sorted((option.code for option in scale.options), key=lambda code: (len(code), code))
    if values.keys() >= set(codes):
        return values
    return {code: Decimal(place) / (len(codes) - 1) for place, code in enumerate(codes)}


def _single(
    item: SingleItem,
    questionnaire: Questionnaire,
    person: Person,
    *,
    draw: float,
    habits: Habits,
) -> str:
    going_on = [option.code for option in item.options if option.ends is None]
    ending = [option.code for option in item.options if option.ends is not None]
    if item is questionnaire.consent:
        return going_on[0]
    if item.stratum_check:
        others = [code for code in going_on if code != person.group]
        return others[0] if others and draw < habits.other_group else person.group
    if ending and draw < habits.ineligible:
        return ending[0]
    return going_on[int(draw * len(going_on)) % len(going_on)]
