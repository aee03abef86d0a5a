"""The index of a round, computed: exact points, honest intervals and ranks within unit groups.

Here the room that asks and the room that estimates are joined; what one unit gets is decided in
`survey.services.unit_results`.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy.orm import Session

from questionnaires import Questionnaire
from stats.index import rank
from stats.intervals import pooled_covariance
from survey.queries.units import sample_plan
from survey.records.rounds import Round
from survey.rules.index_document import (
    CriterionDefinition,
    IndexDocument,
    NotSurveyed,
    Provenance,
    ScoredItem,
    UnitGroupResult,
    UnitResult,
)
from survey.rules.round_document import BilingualText, UnitGroupRule
from survey.services.rank_results import (
    DRAWS,
    Draws,
    GroupRanking,
    group_ranking,
    ranking_seed,
)
from survey.services.rounds import questionnaire_of
from survey.services.tabulate import TabulatedUnit, unit_answers
from survey.services.unit_results import (
    Rules,
    ScoredUnit,
    case_totals,
    converted_points,
    reason_without_interval,
    scored_unit,
    unit_result,
)

__all__ = ["compute_index"]


def compute_index(session: Session, round_: Round) -> IndexDocument:
    """Compute the survey part of the index of a closed round.

    Parameters
    ----------
    session : Session
    round_ : Round

    Returns
    -------
    IndexDocument

    Raises
    ------
    NotReadyError
        The round is not closed.
    """
    questionnaire = questionnaire_of(session, round_)
    units = unit_answers(session, round_)
    rules = Rules.of(round_.declared, questionnaire)
    stored = sample_plan(session, round_.id)
    assert stored is not None  # noqa: S101 - answers of a round without a plan were refused above
    scored = {unit.code: scored_unit(unit, rules) for unit in units if unit.strata}
    seed = ranking_seed(scored.values(), rules, (round_.questionnaire, stored.digest))
    return IndexDocument(
        title=rules.document.title,
        province=rules.document.province,
        year=rules.document.year,
        points_total=rules.points_total,
        respondent_groups=rules.document.respondent_groups,
        criteria=tuple(_definitions(questionnaire)),
        bands=rules.document.bands,
        disclosure=rules.document.disclosure,
        unit_groups=tuple(
            _unit_group(
                group,
                [unit for unit in units if unit.unit_group == group.code],
                scored,
                Draws(rules=rules, seed=seed),
            )
            for group in rules.document.unit_groups
        ),
        provenance=Provenance(
            round_code=round_.code,
            questionnaire=questionnaire.id,
            questionnaire_version=questionnaire.version,
            questionnaire_fingerprint=round_.questionnaire,
            plan_digest=stored.digest,
            scoring=rules.document.scoring,
            simulated=round_.simulated,
            software=_software(),
            draws=DRAWS,
            seed=seed,
        ),
    )


def _definitions(questionnaire: Questionnaire) -> list[CriterionDefinition]:
    return [
        CriterionDefinition(
            code=criterion.code,
            official_code=criterion.official_code,
            field=criterion.field,
            name=_bilingual(questionnaire, criterion.name),
            maximum=criterion.max,
            items=tuple(ScoredItem(item=part.item, points=part.points) for part in criterion.items),
        )
        for criterion in questionnaire.criteria
    ]


def _bilingual(questionnaire: Questionnaire, text: str | Mapping[str, str]) -> BilingualText:
    english = None if isinstance(text, str) else text.get("en")
    return BilingualText(vi=questionnaire.text_in(text, "vi"), en=english)


def _unit_group(
    group: UnitGroupRule,
    units: Sequence[TabulatedUnit],
    by_code: Mapping[str, ScoredUnit],
    draws: Draws,
) -> UnitGroupResult:
    rules = draws.rules
    scored = [by_code[unit.code] for unit in units if unit.strata]
    pooled = pooled_covariance(
        [entry.answers for entry in scored if reason_without_interval(entry.unit) is None],
        rules.criteria,
        hidden=rules.document.scoring.hidden_items,
    )
    converted = {entry.unit.code: converted_points(entry, rules) for entry in scored}
    ranks = rank(
        {code: None if points is None else points.rounded for code, points in converted.items()},
        rules.document.scoring.ties,
    )
    results = [
        unit_result(entry, converted[entry.unit.code], ranks[entry.unit.code], pooled, rules)
        for entry in scored
    ]
    ranking = group_ranking(scored, results, draws)
    return UnitGroupResult(
        code=group.code,
        label=group.label,
        counted_as=group.counted_as,
        cases=case_totals([stratum for entry in scored for stratum in entry.unit.strata]),
        units=tuple(_with_ranking(result, ranking) for result in results),
        within_error=ranking.within_error,
        not_surveyed=tuple(
            NotSurveyed(code=unit.code, name=unit.name) for unit in units if not unit.strata
        ),
    )


def _with_ranking(result: UnitResult, ranking: GroupRanking) -> UnitResult:
    return result.model_copy(
        update={
            "ranking": ranking.found.get(result.code),
            "no_ranking": ranking.left_out.get(result.code),
        }
    )


def _software() -> str:
    try:
        return f"khaosat {version('khaosat')}"
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "khaosat (source)"
