"""Changes of satisfaction between rounds: tested, and refused across a break of the series.

Breaks are data that somebody declares, with a date and a reason; a comparison across one is not
flagged but refused, because a flag beside a number is not read.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from stats.errors import ScoreError, SeriesBreakError, VariableError
from stats.satisfaction_plan import Level, SatisfactionPlan
from stats.satisfaction_result import Contrast, IndexEstimate, Satisfaction, against_zero

__all__ = [
    "Change",
    "Round",
    "SeriesBreak",
    "breaks_between",
    "change",
    "read_breaks",
    "satterthwaite",
    "segments",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBreak:
    """From ``on`` figures mean something else; ``reason`` is printed where a line is cut."""

    code: str
    on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Round:
    """A round's estimates and the period its answers speak of, both days included.

    ``domain`` picks a domain of the estimates: two rounds stacked into one table, estimated by
    round, share their ``result`` and so know their covariance.
    """

    label: str
    start: date
    end: date
    result: Satisfaction
    domain: str | int | None = None

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ScoreError(f"round {self.label!r} ends {self.end} before it starts {self.start}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Later minus earlier; in shares, so 0.01 is one percentage point."""

    level: Level
    code: str
    earlier: float
    later: float
    difference: Contrast


def read_breaks(text: str) -> tuple[SeriesBreak, ...]:
    """Read declared breaks from JSON: a list of objects with ``code``, ``on`` and ``reason``.

    Raises
    ------
    ScoreError
        On anything else, an empty reason, or a repeated code.

    Examples
    --------
    >>> read_breaks('[{"code": "m", "on": "2022-01-01", "reason": "new method"}]')[0].on
    datetime.date(2022, 1, 1)
    """
    try:
        entries = json.loads(text)
        found = tuple(
            SeriesBreak(code=e["code"], on=date.fromisoformat(e["on"]), reason=e["reason"])
            for e in entries
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ScoreError(
            f"breaks are a JSON list of code, on (a date) and reason: {error}"
        ) from None
    codes = [entry.code for entry in found]
    repeated = sorted({code for code in codes if codes.count(code) > 1})
    mute = [entry.code for entry in found if not entry.reason.strip()]
    if repeated or mute:
        raise ScoreError(
            f"breaks: codes repeated {repeated}, without a reason {mute}; correct them"
        )
    return found


def breaks_between(
    earlier: Round, later: Round, breaks: Sequence[SeriesBreak]
) -> tuple[SeriesBreak, ...]:
    """Return the breaks that part two rounds, or fall within the period of either.

    Examples
    --------
    >>> from stats.satisfaction_plan import ChoicePlan
    >>> breaks = read_breaks('[{"code": "m", "on": "2022-01-01", "reason": "new method"}]')
    >>> plan = SatisfactionPlan(blocks=(), choices=(ChoicePlan(code="M", options=("m1",)),))
    >>> none = Satisfaction(plan=plan, rows=(), covariance=None, level=0.95, notes=())
    >>> old, new = (Round(label=str(year), start=date(year, 1, 1), end=date(year, 12, 31),
    ...                   result=none) for year in (2021, 2022))
    >>> [each.code for each in breaks_between(old, new, breaks)]
    ['m']
    """
    first, last = min(earlier.start, later.start), max(earlier.end, later.end)
    return tuple(sorted((b for b in breaks if first < b.on <= last), key=lambda b: b.on))


def segments(
    rounds: Sequence[Round], breaks: Sequence[SeriesBreak]
) -> tuple[tuple[Round, ...], ...]:
    """Cut a series, in order of time, into the stretches that one line may join in a chart.

    A round whose own period holds a break stands alone. Rounds under other rules are cut too.

    Examples
    --------
    >>> segments([], [])
    ()
    """
    cut: list[list[Round]] = []
    for one in sorted(rounds, key=lambda each: (each.start, each.end)):
        if cut and _joins(cut[-1][-1], one, breaks):
            cut[-1].append(one)
        else:
            cut.append([one])
    return tuple(tuple(stretch) for stretch in cut)


def change(
    earlier: Round,
    later: Round,
    key: tuple[Level, str],
    *,
    breaks: Sequence[SeriesBreak],
    covariance: float | None = None,
) -> Change:
    """Test a change between two rounds.

    Independent samples: V = V1 + V2, t on Satterthwaite's df. With overlap (the same communes
    asked again) V = V1 + V2 − 2 C, t on the smaller df. C is read off where both rounds share
    one result, else given. A unanimous value has no known error, so its change has none either.

    Parameters
    ----------
    earlier, later : Round
    key : level and code of the value; ("index", "") is the index
    breaks : sequence of SeriesBreak
        All that are declared; there is no default, so that nobody forgets them.
    covariance : float, optional
        Of the two estimates, in squared shares.

    Raises
    ------
    SeriesBreakError
        Across a break, or when the rounds' rules differ in what the value is made of.
    VariableError
        On a value one round has not, no probability sample, rounds in the wrong order, or a
        covariance no two such estimates can have.

    References
    ----------
    Satterthwaite (1946). Checked against: tests/golden/satisfaction_r (svycontrast over rounds).

    Examples
    --------
    >>> satterthwaite([(1.0, 4.0), (1.0, 4.0)])
    8.0
    """
    if earlier.start > later.start:
        raise VariableError(f"{earlier.label!r} starts after {later.label!r}; swap them")
    _refuse_break(earlier, later, breaks)
    level, code = key
    _refuse_other_rules(earlier, later, key)
    before, after = _find(earlier, key), _find(later, key)
    if math.isnan(before.se) or math.isnan(after.se):
        raise VariableError(
            f"{level} {code!r} of {earlier.label!r} or {later.label!r} has no standard error (no "
            "probability sample); print both values without a test"
        )
    shared = _covariance(earlier, later, key) if covariance is None else covariance
    if abs(shared) > before.se * after.se * (1 + 1e-9):
        raise VariableError(
            f"covariance {shared:g} is beyond the product of the standard errors "
            f"{before.se:g} and {after.se:g}; correct it"
        )
    variance = max(before.se**2 + after.se**2 - 2 * shared, 0.0)
    if before.is_unanimous or after.is_unanimous:
        variance = math.nan
    parts = [(before.se**2, float(before.df)), (after.se**2, float(after.df))]
    df = satterthwaite(parts) if shared == 0 else min(before.df, after.df)
    difference = against_zero(after.value - before.value, variance, df=df, level=later.result.level)
    return Change(
        level=level,
        code=code,
        earlier=before.value,
        later=after.value,
        difference=difference,
    )


def satterthwaite(parts: Sequence[tuple[float, float]]) -> float:
    """Return (Σ V)² / Σ (V²/df), over parts (V, df) with variance; 0 if one of these has no df.

    Examples
    --------
    >>> round(satterthwaite([(4.0, 10.0), (1.0, 5.0)]), 3)
    13.889
    """
    varying = [(variance, df) for variance, df in parts if variance > 0]
    if not varying or any(df <= 0 for _, df in varying):
        return 0.0
    total = sum(variance for variance, _ in varying)
    return total**2 / sum(variance**2 / df for variance, df in varying)


def _joins(one: Round, other: Round, breaks: Sequence[SeriesBreak]) -> bool:
    same = _index_rules(one.result.plan) == _index_rules(other.result.plan)
    return same and not breaks_between(one, other, breaks)


def _refuse_break(earlier: Round, later: Round, breaks: Sequence[SeriesBreak]) -> None:
    between = breaks_between(earlier, later, breaks)
    if between:
        named = "; ".join(f"{b.code} on {b.on}: {b.reason}" for b in between)
        raise SeriesBreakError(
            f"{earlier.label!r} and {later.label!r} are not comparable ({len(between)} breaks): "
            f"{named} Print them apart, without a difference or a joining line"
        )


def _refuse_other_rules(earlier: Round, later: Round, key: tuple[Level, str]) -> None:
    level, code = key
    old, new = (_rules(each.result.plan, key) for each in (earlier, later))
    if old != new:
        raise SeriesBreakError(
            f"{level} {code!r} is made under other rules in {earlier.label!r} than in "
            f"{later.label!r}: {old} and {new}; estimate both rounds under one plan"
        )


def _rules(plan: SatisfactionPlan, key: tuple[Level, str]) -> tuple[object, ...]:
    """Everything of a plan that one value depends on."""
    level, code = key
    factors = [f for b in plan.blocks for f in b.factors if f.code == code]
    blocks = [b for b in plan.blocks if b.code == code]
    match level:
        case Level.ITEM:
            return plan.item_score, plan.scales.get(code)
        case Level.FACTOR:
            scales = {plan.scales[item] for factor in factors for item in factor.items}
            return plan.item_score, plan.factor_rule, *factors, *sorted(scales)
        case Level.BLOCK:
            return plan.item_score, plan.factor_rule, *blocks
        case Level.OPTION:
            return tuple(choice for choice in plan.choices if code in choice.options)
        case Level.ALL_SATISFIED:
            return tuple((item, plan.scales[item]) for item in plan.satisfaction_items)
        case Level.INDEX:
            return _index_rules(plan)


def _index_rules(plan: SatisfactionPlan) -> tuple[object, ...]:
    weights = tuple(sorted(plan.weights.items()))
    overall = (plan.overall, plan.overall_scale)
    rules = (plan.item_score, plan.factor_rule, plan.index_rule)
    return *rules, plan.satisfaction_blocks, weights, overall


def _find(one: Round, key: tuple[Level, str]) -> IndexEstimate:
    return one.result.find(key[0], key[1], domain=one.domain)


def _covariance(earlier: Round, later: Round, key: tuple[Level, str]) -> float:
    """Covariance where both rounds were estimated in one pass, else 0: independent samples."""
    if earlier.result is not later.result or earlier.result.covariance is None:
        return 0.0
    places = [each.result.row(*key, domain=each.domain) for each in (earlier, later)]
    return float(earlier.result.covariance[places[0], places[1]])
