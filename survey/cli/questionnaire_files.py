"""`khaosat questionnaire convert | codebook | diff`: into other files, and beside another one.

What was converted is read back before it is called whole: the fingerprint says whether anything
was lost, not the writer.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey.cli.context import now
from survey.cli.questionnaire_source import (
    definition,
    language_option,
    read_source,
    spoken,
    write_file,
)
from survey.errors import RefusedInputError

if TYPE_CHECKING:  # loads pydantic
    from questionnaires import Questionnaire
    from questionnaires.difference import Change, Comparison

__all__ = ["codebook", "convert", "diff"]

_SCHEMA = ".schema.json"
_target = click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The file to write; its ending says which kind.",
)


@click.command()
@click.argument("source")
@_target
def convert(source: str, *, target: Path) -> None:
    """Write a questionnaire as YAML, JSON or XLSForm, or the JSON Schema for an editor.

    The ending of --to decides: .yaml .yml .json .xlsx, or .schema.json. The new file is read again
    and compared, so that nothing is lost unnoticed.

    Example: khaosat questionnaire convert form.xlsx --to form.yaml
    """
    questionnaire = read_source(source)
    if target.name.lower().endswith(_SCHEMA):
        write_file(target, _schema(), source=source)
        click.echo(f"{target}: the schema of questionnaire documents; name it in your editor.")
        return
    write_file(target, _converted(questionnaire, target), source=source)
    again = read_source(str(target))
    if again.fingerprint != questionnaire.fingerprint:
        message = f"{target}: written, but it reads as another questionnaire; keep {source}"
        raise click.ClickException(f"{message} and report this as a fault of khaosat")
    click.echo(f"{target}: written and read again; nothing of the questionnaire was lost.")
    click.echo(f"Fingerprint {again.fingerprint}")
    comments = _comment_lines(source)
    if comments:
        click.echo(f"{comments} lines of comments in {source} are no part of it and stay behind.")


def _schema() -> bytes:
    from questionnaires import json_schema  # noqa: PLC0415 - lazy

    return _json(json_schema())


def _json(value: Mapping[str, object]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _converted(questionnaire: "Questionnaire", target: Path) -> bytes:
    from questionnaires.writing import to_document, to_yaml  # noqa: PLC0415 - lazy

    ending = target.suffix.lower()
    if ending in {".yaml", ".yml"}:
        return to_yaml(questionnaire).encode()
    if ending == ".json":
        return _json(to_document(questionnaire))
    if ending == ".xlsx":
        return _workbook(questionnaire, target)
    message = f"--to {target}: write a name ending in .yaml, .json, .xlsx or {_SCHEMA}"
    raise click.UsageError(message)


def _workbook(questionnaire: "Questionnaire", target: Path) -> bytes:
    """Write an XLSForm, refusing texts that no cell can hold."""
    from questionnaires import DefinitionError  # noqa: PLC0415 - lazy
    from questionnaires.xlsform import write_xlsform  # noqa: PLC0415 - loads openpyxl

    try:
        return write_xlsform(questionnaire)
    except DefinitionError as error:
        raise RefusedInputError(what=str(target), faults=error.faults) from error


def _comment_lines(source: str) -> int:
    file = Path(source)
    if file.suffix.lower() not in {".yaml", ".yml"} or not file.is_file():
        return 0
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    return sum(line.lstrip().startswith("#") for line in lines)


@click.command()
@click.argument("source")
@_target
@language_option
def codebook(source: str, *, target: Path, language: str | None) -> None:
    """Write the codebook of the answers: Markdown, HTML or DDI-Codebook XML.

    The ending of --to decides: .md, .html or .xml.

    Example: khaosat questionnaire codebook shipped:sipas_citizen --to codebook.html
    """
    questionnaire = read_source(source)
    tag = spoken(questionnaire, language)
    content = _described(questionnaire, tag, target)
    write_file(target, content, source=source)
    count = len(questionnaire.questions) + len(questionnaire.calculations)
    click.echo(f"{target}: written, {count} columns.")


def _described(questionnaire: "Questionnaire", language: str, target: Path) -> bytes:
    from questionnaires.codebook import codebook as described  # noqa: PLC0415 - lazy

    ending = target.suffix.lower()
    if ending == ".xml":
        from questionnaires.ddi import to_ddi  # noqa: PLC0415 - lazy

        return to_ddi(questionnaire, language=language, produced=now().date())
    from questionnaires.codebook_text import to_html, to_markdown  # noqa: PLC0415 - lazy

    writers = {".md": to_markdown, ".html": to_html}
    if ending not in writers:
        raise click.UsageError(f"--to {target}: write a name ending in .md, .html or .xml")
    return writers[ending](described(questionnaire, language)).encode()


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="For programs: every change with its kind.")
@click.pass_context
def diff(ctx: click.Context, old: str, new: str, *, as_json: bool) -> None:
    """Say what changed from OLD to NEW for analysis, and which answers stay comparable.

    Exit status like diff: 0 nothing changed, 1 something did, 2 a file cannot be used.

    Example: khaosat questionnaire diff form-2025.yaml form-2026.yaml
    """
    from questionnaires import DefinitionError  # noqa: PLC0415 - lazy
    from questionnaires.difference import compare  # noqa: PLC0415 - same
    from questionnaires.difference_text import to_text  # noqa: PLC0415 - same

    try:
        before, after = definition(old), definition(new)
    except DefinitionError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        ctx.exit(2)
    comparison = compare(before, after)
    if as_json:
        click.echo(_json(_comparison(comparison)).decode(), nl=False)
    else:
        click.echo(to_text(comparison), nl=False)
        for line in _remarks(before, after, comparison):
            click.echo(line)
    ctx.exit(0 if comparison.is_same else 1)


def _remarks(
    before: "Questionnaire", after: "Questionnaire", comparison: "Comparison"
) -> Iterator[str]:
    """Say what a comparison for analysis passes over."""
    if comparison.is_same and before.fingerprint != after.fingerprint:
        yield "The definitions differ elsewhere, such as in their version or minutes."
    if not comparison.is_same and (before.id, before.version) == (after.id, after.version):
        yield f"Both say version {after.version}: give the new one its own."


def _comparison(comparison: "Comparison") -> dict[str, object]:
    """Write a comparison as plain values."""
    return {
        "old": comparison.old,
        "new": comparison.new,
        "is_same": comparison.is_same,
        "document": [_change(change) for change in comparison.document],
        "items": [
            {
                "item": item.item,
                "comparability": item.comparability.value,
                "changes": [_change(change) for change in item.changes],
            }
            for item in comparison.items
        ],
    }


def _change(change: "Change") -> dict[str, str]:
    return {
        "kind": change.kind.value,
        "place": change.place,
        "old": change.old,
        "new": change.new,
    }
