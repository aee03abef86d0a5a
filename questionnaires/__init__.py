"""What is asked and what counts as an answer: definitions, skip logic, answers, checks.

A pure library: it knows no web, no database and no clock, and is useful alone in a notebook.
"""

from questionnaires.answers import (
    Answer,
    Answers,
    canonical,
    from_canonical,
    largest_answer_size,
    parse_answers,
)
from questionnaires.checks import Door, check, keep_in_play
from questionnaires.choices import (
    KEYED_MISSING,
    MISSING_LABELS,
    Disposition,
    MissingCode,
    Option,
    Scale,
)
from questionnaires.codebook import Codebook, CodeLabel, Column, codebook
from questionnaires.errors import (
    AnswersError,
    DefinitionError,
    ExpressionError,
    Fault,
    QuestionnaireError,
    UnknownItemError,
)
from questionnaires.expressions import Expression, evaluate, parse, to_text
from questionnaires.problems import (
    REMEDIES,
    TEMPLATES,
    Problem,
    ProblemCode,
    Severity,
    describe,
)
from questionnaires.questionnaire import Questionnaire
from questionnaires.questions import (
    Disclosure,
    IfHidden,
    IntegerItem,
    MultiItem,
    NoteItem,
    Question,
    ScaleItem,
    SingleItem,
    TextItem,
)
from questionnaires.reading import json_schema, questionnaire_from_json, read_questionnaire
from questionnaires.routing import Route, SectionInPlay, intro_in_play, route
from questionnaires.texts import Text, text_in
from questionnaires.tree import (
    Criterion,
    Fact,
    ItemPoints,
    Paragraph,
    ReferencePeriod,
    Scoring,
    Section,
)
from questionnaires.writing import to_canonical_json

__all__ = [
    "KEYED_MISSING",
    "MISSING_LABELS",
    "REMEDIES",
    "TEMPLATES",
    "Answer",
    "Answers",
    "AnswersError",
    "CodeLabel",
    "Codebook",
    "Column",
    "Criterion",
    "DefinitionError",
    "Disclosure",
    "Disposition",
    "Door",
    "Expression",
    "ExpressionError",
    "Fact",
    "Fault",
    "IfHidden",
    "IntegerItem",
    "ItemPoints",
    "MissingCode",
    "MultiItem",
    "NoteItem",
    "Option",
    "Paragraph",
    "Problem",
    "ProblemCode",
    "Question",
    "Questionnaire",
    "QuestionnaireError",
    "ReferencePeriod",
    "Route",
    "Scale",
    "ScaleItem",
    "Scoring",
    "Section",
    "SectionInPlay",
    "Severity",
    "SingleItem",
    "Text",
    "TextItem",
    "UnknownItemError",
    "canonical",
    "check",
    "codebook",
    "describe",
    "evaluate",
    "from_canonical",
    "intro_in_play",
    "json_schema",
    "keep_in_play",
    "largest_answer_size",
    "parse",
    "parse_answers",
    "questionnaire_from_json",
    "read_questionnaire",
    "route",
    "text_in",
    "to_canonical_json",
    "to_text",
]
