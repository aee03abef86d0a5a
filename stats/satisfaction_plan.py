"""What a satisfaction index is made of: aspects, blocks, factors, items and the rules of a round.

Every index is a chain of weighted means over a few base ratios, so the exact points and the
estimate with its error read the same ``steps``: they cannot drift apart.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType

from stats.errors import ScoreError

__all__ = [
    "Aspect",
    "BlockPlan",
    "ChoicePlan",
    "FactorPlan",
    "FactorRule",
    "IndexKey",
    "IndexRule",
    "ItemScore",
    "Level",
    "SatisfactionPlan",
    "Step",
    "aspects_of",
    "base_keys",
    "steps",
]


class Aspect(StrEnum):
    """What a block asks about; aspects are never mixed in one number."""

    PERCEPTION = "perception"
    SATISFACTION = "satisfaction"
    EXPECTATION = "expectation"


class ItemScore(StrEnum):
    """How the answers to one item become a share in [0, 1]."""

    TOP_TWO = "top_two"  # share of the two best answers
    MEAN = "mean"  # (x̄ − 1) / (scale − 1)


class FactorRule(StrEnum):
    """How items become a factor."""

    MEAN_OF_ITEMS = "mean_of_items"
    POOLED_ANSWERS = "pooled_answers"  # every valid answer counts once
    OVERALL_ITEM = "overall_item"  # the factor's own summary question


class IndexRule(StrEnum):
    """How satisfaction blocks become the index."""

    MEAN_OF_BLOCKS = "mean_of_blocks"
    FIXED_WEIGHTS = "fixed_weights"
    OVERALL_ITEM = "overall_item"


class Level(StrEnum):
    """What a value is the value of."""

    ITEM = "item"
    FACTOR = "factor"
    BLOCK = "block"
    INDEX = "index"
    ALL_SATISFIED = "all_satisfied"
    OPTION = "option"  # one answer of a choice question


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorPlan:
    """A factor: its items, and its summary question where it has one."""

    code: str
    items: tuple[str, ...]
    overall: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPlan:
    """A block of one aspect, answered on codes 1 … ``scale``, the best one highest."""

    code: str
    aspect: Aspect
    factors: tuple[FactorPlan, ...]
    scale: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePlan:
    """An expectation question with several answers: one column per option, at most ``most``."""

    code: str
    options: tuple[str, ...]
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SatisfactionPlan:
    """The blocks and the declared rules; refused on making where they contradict each other.

    ``overall`` is the summary question of the index, on codes 1 … ``overall_scale``. ``weights``
    go with ``FIXED_WEIGHTS``, by block; any common unit will do.
    """

    blocks: tuple[BlockPlan, ...]
    choices: tuple[ChoicePlan, ...] = ()
    item_score: ItemScore = ItemScore.TOP_TWO
    factor_rule: FactorRule = FactorRule.MEAN_OF_ITEMS
    index_rule: IndexRule = IndexRule.MEAN_OF_BLOCKS
    overall: str | None = None
    overall_scale: int = 5
    weights: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        _refuse_repeats(self)
        _refuse_scales(self)
        _refuse_missing_overall(self)
        _refuse_weights(self)

    @property
    def satisfaction_blocks(self) -> tuple[BlockPlan, ...]:
        """The blocks the index is made of."""
        return tuple(block for block in self.blocks if block.aspect is Aspect.SATISFACTION)

    @property
    def scales(self) -> Mapping[str, int]:
        """Every item, summary questions included, with its best code."""
        found: dict[str, int] = {}
        for block in self.blocks:
            for factor in block.factors:
                items = (*factor.items, factor.overall)
                found |= {item: block.scale for item in items if item is not None}
        return found if self.overall is None else found | {self.overall: self.overall_scale}

    @property
    def satisfaction_items(self) -> tuple[str, ...]:
        """Items of the satisfaction factors, without the summary questions."""
        return tuple(
            item
            for block in self.satisfaction_blocks
            for factor in block.factors
            for item in factor.items
        )


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class IndexKey:
    """Names one value: its level, the code of item, factor or block, and its domain.

    ``domain`` is ``None`` for all rows in play. The index and the all-satisfied share have the
    code "".
    """

    level: Level
    code: str = ""
    domain: str | int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A value as a weighted mean of values made before it; weights sum to one."""

    key: IndexKey
    parts: Mapping[IndexKey, Fraction]


def base_keys(plan: SatisfactionPlan) -> tuple[IndexKey, ...]:
    """Return the values that are ratios of answers: items, pooled factors, all-satisfied, options.

    Examples
    --------
    >>> block = BlockPlan(code="B", aspect=Aspect.SATISFACTION,
    ...                   factors=(FactorPlan(code="F", items=("a", "b")),))
    >>> [key.level.value for key in base_keys(SatisfactionPlan(blocks=(block,)))]
    ['item', 'item', 'all_satisfied']
    """
    keys = [IndexKey(level=Level.ITEM, code=item) for item in plan.scales]
    if plan.factor_rule is FactorRule.POOLED_ANSWERS:
        keys += [IndexKey(level=Level.FACTOR, code=f.code) for b in plan.blocks for f in b.factors]
    if plan.satisfaction_blocks:
        keys.append(IndexKey(level=Level.ALL_SATISFIED))
    keys += [
        IndexKey(level=Level.OPTION, code=option)
        for choice in plan.choices
        for option in choice.options
    ]
    return tuple(keys)


def steps(plan: SatisfactionPlan, present: Collection[IndexKey]) -> Iterator[Step]:
    """Yield how factors, blocks and the index follow from the base values that exist.

    A mean is taken over what has a value: an item nobody answered leaves its factor, a factor
    without items its block. Weights are rescaled.

    Examples
    --------
    >>> block = BlockPlan(code="B", aspect=Aspect.SATISFACTION,
    ...                   factors=(FactorPlan(code="F", items=("a", "b")),))
    >>> plan = SatisfactionPlan(blocks=(block,))
    >>> first = next(steps(plan, base_keys(plan)))
    >>> first.key.code, [str(weight) for weight in first.parts.values()]
    ('F', ['1/2', '1/2'])
    """
    known = set(present)
    for block in plan.blocks:
        for factor in block.factors:
            yield from _made(known, _factor_step(plan, factor, known))
        keys = [IndexKey(level=Level.FACTOR, code=factor.code) for factor in block.factors]
        yield from _made(known, _mean(IndexKey(level=Level.BLOCK, code=block.code), keys, known))
    if plan.satisfaction_blocks:
        yield from _made(known, _index_step(plan, known))


def aspects_of(plan: SatisfactionPlan) -> Mapping[tuple[Level, str], Aspect]:
    """Return the aspect of every value, by level and code.

    Examples
    --------
    >>> block = BlockPlan(code="B", aspect=Aspect.PERCEPTION,
    ...                   factors=(FactorPlan(code="F", items=("a",)),))
    >>> aspects_of(SatisfactionPlan(blocks=(block,)))[Level.ITEM, "a"].value
    'perception'
    """
    found: dict[tuple[Level, str], Aspect] = {
        (Level.INDEX, ""): Aspect.SATISFACTION,
        (Level.ALL_SATISFIED, ""): Aspect.SATISFACTION,
    }
    for block in plan.blocks:
        found[Level.BLOCK, block.code] = block.aspect
        for factor in block.factors:
            found[Level.FACTOR, factor.code] = block.aspect
            items = (*factor.items, factor.overall)
            found |= {(Level.ITEM, item): block.aspect for item in items if item is not None}
    if plan.overall is not None:
        found[Level.ITEM, plan.overall] = Aspect.SATISFACTION
    for choice in plan.choices:
        found |= {(Level.OPTION, option): Aspect.EXPECTATION for option in choice.options}
    return found


def _made(known: set[IndexKey], step: Step) -> Iterator[Step]:
    """Pass a step on if anything is left in it, and remember its value."""
    if step.parts:
        known.add(step.key)
        yield step


def _factor_step(plan: SatisfactionPlan, factor: FactorPlan, known: set[IndexKey]) -> Step:
    key = IndexKey(level=Level.FACTOR, code=factor.code)
    if plan.factor_rule is FactorRule.POOLED_ANSWERS:
        return Step(key=key, parts={})  # a base ratio already
    own = plan.factor_rule is FactorRule.OVERALL_ITEM
    items = (str(factor.overall),) if own else factor.items
    return _mean(key, [IndexKey(level=Level.ITEM, code=item) for item in items], known)


def _index_step(plan: SatisfactionPlan, known: set[IndexKey]) -> Step:
    key = IndexKey(level=Level.INDEX)
    if plan.index_rule is IndexRule.OVERALL_ITEM:
        return _mean(key, [IndexKey(level=Level.ITEM, code=str(plan.overall))], known)
    blocks = [IndexKey(level=Level.BLOCK, code=block.code) for block in plan.satisfaction_blocks]
    if plan.index_rule is IndexRule.MEAN_OF_BLOCKS:
        return _mean(key, blocks, known)
    weights = {block: Fraction(plan.weights[block.code]) for block in blocks if block in known}
    total = sum(weights.values(), Fraction(0))
    return Step(key=key, parts={block: weight / total for block, weight in weights.items()})


def _mean(key: IndexKey, parts: Sequence[IndexKey], known: set[IndexKey]) -> Step:
    there = [part for part in parts if part in known]
    return Step(key=key, parts={part: Fraction(1, len(there)) for part in there})


def _refuse_repeats(plan: SatisfactionPlan) -> None:
    factors = [factor for block in plan.blocks for factor in block.factors]
    asked = [item for factor in factors for item in (*factor.items, factor.overall)]
    asked += [plan.overall, *(option for choice in plan.choices for option in choice.options)]
    names = {
        "block": [block.code for block in plan.blocks],
        "factor": [factor.code for factor in factors],
        "item": [item for item in asked if item is not None],
        "choice": [choice.code for choice in plan.choices],
    }
    for what, found in names.items():
        repeated = sorted({name for name in found if found.count(name) > 1})
        if repeated:
            raise ScoreError(
                f"{what} repeated: {repeated} ({len(found)} in all); each stands in one place, so "
                "that perception, satisfaction and expectation stay apart"
            )
    empty = [block.code for block in plan.blocks if not block.factors]
    empty += [factor.code for factor in factors if not factor.items]
    empty += [choice.code for choice in plan.choices if not choice.options]
    if empty or not (plan.blocks or plan.choices):
        raise ScoreError(f"nothing is asked in {empty or 'the plan'}; name its items")


def _refuse_scales(plan: SatisfactionPlan) -> None:
    scales = {block.code: block.scale for block in plan.blocks} | {"overall": plan.overall_scale}
    short = {code: scale for code, scale in scales.items() if scale < 3}
    if short:
        raise ScoreError(f"a scale has 3 answers or more for two to be the best ones; got {short}")


def _refuse_missing_overall(plan: SatisfactionPlan) -> None:
    if plan.index_rule is IndexRule.OVERALL_ITEM and plan.overall is None:
        raise ScoreError("the index is the overall item, but the plan names none; give overall")
    lacking = [f.code for b in plan.blocks for f in b.factors if f.overall is None]
    if plan.factor_rule is FactorRule.OVERALL_ITEM and lacking:
        raise ScoreError(
            f"factors are their overall items, but {len(lacking)} name none: {lacking[:5]}"
        )


def _refuse_weights(plan: SatisfactionPlan) -> None:
    wanted = plan.index_rule is IndexRule.FIXED_WEIGHTS
    blocks = [block.code for block in plan.satisfaction_blocks] if wanted else []
    foreign = [
        f"{block.code} ({block.aspect})"
        for block in plan.blocks
        if block.code in plan.weights and block.aspect is not Aspect.SATISFACTION
    ]
    if foreign:
        raise ScoreError(
            f"weights name blocks that are not satisfaction: {foreign}; aspects are never mixed"
        )
    if set(plan.weights) != set(blocks) or any(weight <= 0 for weight in plan.weights.values()):
        raise ScoreError(
            f"{plan.index_rule} takes one positive weight for each of {blocks}; "
            f"got { {code: str(weight) for code, weight in plan.weights.items()} }"
        )
