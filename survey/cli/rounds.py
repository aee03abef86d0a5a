"""`khaosat round …`: a round's life from its document to its publication."""

import json
from pathlib import Path

import click

from survey.cli.context import ACTOR, console, home_option, now, ready_store, settings
from survey.services import close, destroy, keys, rounds, watch
from survey.services import scrub as scrubbing

_code = click.argument("code")
_key_file = click.option(
    "--key-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    required=True,
    help="Text of one of the two recovery sheets.",
)


@click.group(name="round")
def round_() -> None:
    """Create, open, watch, close and scrub a round."""


@round_.command()
@click.argument("document", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--simulated", is_flag=True, help="Mark everything as simulated data, for good.")
@home_option
def create(document: Path, simulated: bool, home: Path | None) -> None:  # noqa: FBT001 - a flag
    """Create a round from its YAML DOCUMENT and the questionnaire beside it.

    Example: khaosat round create round.yaml
    """
    declared, questionnaire = rounds.read_round(document)
    with ready_store(home) as store, store.write() as session:
        made = rounds.create_round(
            session,
            document=declared,
            questionnaire=questionnaire,
            simulated=simulated,
            actor=ACTOR,
            now=now(),
        )
        click.echo(f"Round {made.code}: {made.state}. Next: khaosat sample import {made.code} …")


@round_.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@home_option
def list_(as_json: bool, home: Path | None) -> None:  # noqa: FBT001 - a flag
    """List the rounds and their states.

    Example: khaosat round list --json
    """
    with ready_store(home) as store, store.read() as session:
        rows = [
            {"code": each.code, "year": each.year, "state": str(each.state)}
            for each in rounds.rounds(session)
        ]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for row in rows:
            click.echo(f"{row['code']}  {row['year']}  {row['state']}")


@round_.command("make-keys")
@_code
@click.option(
    "--sheets",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to write the PDF with the two recovery sheets.",
)
@home_option
def make_keys(code: str, sheets: Path, home: Path | None) -> None:
    """Make the round's key pair and print its two recovery sheets.

    The private key is written nowhere else. Example: khaosat round make-keys bp2022 --sheets k.pdf
    """
    from survey.documents.recovery_pdf import recovery_sheets  # noqa: PLC0415 - starts Typst

    moment = now()
    with ready_store(home) as store, store.write() as session:
        found = rounds.find_round(session, code)
        pair = keys.make_keys(session, found, actor=ACTOR, now=moment)
        sheets.touch(mode=0o600)
        drawn = recovery_sheets(found.declared, pair, made_at=moment, simulated=found.simulated)
        sheets.write_bytes(drawn)
    click.echo(f"{sheets}: print it, give one sheet to each custodian, then delete the file.")
    click.echo(f"Next: khaosat round check-sheet {code} for each of the two sheets.")


@round_.command("check-sheet")
@_code
@home_option
def check_sheet(code: str, home: Path | None) -> None:
    """Read a recovery sheet back; both must be read before the round can open.

    Example: khaosat round check-sheet bp2022
    """
    text = click.prompt("Key text of the sheet", hide_input=True)
    with ready_store(home) as store, store.write() as session:
        found = rounds.find_round(session, code)
        number = keys.check_sheet(session, found, text=text, actor=ACTOR, now=now())
        missing = keys.missing_before_opening(session, found)
    still = "; ".join(missing) or f"nothing. Next: khaosat round open {code}"
    click.echo(f"Sheet {number} opens the round's ballots. Still missing: {still}")


@round_.command("open")
@_code
@home_option
def open_(code: str, home: Path | None) -> None:
    """Open the round: from now on invitations can go out.

    Example: khaosat round open bp2022
    """
    with ready_store(home) as store, store.write() as session:
        found = rounds.find_round(session, code)
        keys.open_round(session, found, actor=ACTOR, now=now())
    click.echo(f"Round {code} is open. Next: print the invitations, on the round's office page.")


@round_.command()
@_code
@home_option
def progress(code: str, home: Path | None) -> None:
    """Show who has answered, as counts per unit and group.

    Example: khaosat round progress bp2022
    """
    from rich.table import Table  # noqa: PLC0415 - only this command draws a table

    with ready_store(home) as store, store.read() as session:
        rows = watch.progress(session, rounds.find_round(session, code))
    table = Table("unit", "group", "invited", "web", "paper out", "paper sealed", "refused")
    for row in rows:
        counts = (row.invited, row.used, row.paper_out, row.paper_sealed, row.refused)
        table.add_row(row.unit_name, row.respondent_group, *map(str, counts))
    console.print(table)


@round_.command("begin-closing")
@_code
@home_option
def begin_closing(code: str, home: Path | None) -> None:
    """Refuse further answers and list the paper forms that are not finished.

    Example: khaosat round begin-closing bp2022
    """
    with ready_store(home) as store, store.write() as session:
        unfinished = close.begin_closing(
            session, rounds.find_round(session, code), actor=ACTOR, now=now()
        )
    click.echo(f"Round {code} takes no more answers. Unfinished paper forms: {len(unfinished)}")
    for serial in unfinished:
        click.echo(f"  {serial}")


@round_.command("close")
@_code
@_key_file
@click.option("--discard-unfinished", is_flag=True, help="Give up the unfinished paper forms.")
@home_option
def close_(code: str, key_file: Path, discard_unfinished: bool, home: Path | None) -> None:  # noqa: FBT001 - a flag
    """Open all ballots, shuffle them, and cut every link to persons.

    Example: khaosat round close bp2022 --key-file sheet.txt
    """
    with ready_store(home) as store, store.write() as session:
        result = close.finish_closing(
            session,
            rounds.find_round(session, code),
            key_text=key_file.read_text(encoding="utf-8"),
            discard_unfinished=discard_unfinished,
            actor=ACTOR,
            now=now(),
        )
    click.echo(f"{result.opened} ballots opened. Next: khaosat round scrub {code}")


@round_.command()
@_code
@home_option
def scrub(code: str, home: Path | None) -> None:
    """Remove what deleting left in the files of the database; can be run again.

    Example: khaosat round scrub bp2022
    """
    with ready_store(home) as store:
        steps = scrubbing.scrub(store, code, settings=settings(home), actor=ACTOR, now=now())
    for step in steps:
        click.echo(f"  {step}")
    if not any(step.startswith("NOT DONE") for step in steps):
        click.echo(f"Next: khaosat round destroy-key {code} …")


@round_.command("destroy-key")
@_code
@_key_file
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where to write the record to sign (DOCX).",
)
@home_option
def destroy_key(code: str, key_file: Path, record: Path, home: Path | None) -> None:
    """Test a backup, then destroy the key file and write the record to sign.

    Example: khaosat round destroy-key bp2022 --key-file sheet.txt --record bien-ban.docx
    """
    from survey.documents.destruction_docx import (  # noqa: PLC0415 - loads the DOCX library
        destruction_document,
    )

    chosen = settings(home)
    with ready_store(home) as store:
        done = destroy.destroy_key(store, chosen, code, key_file=key_file, actor=ACTOR, now=now())
        with store.read() as session:
            found = rounds.find_round(session, code)
    record.write_bytes(destruction_document(done, found.declared, simulated=found.simulated))
    click.echo(f"The key file is destroyed. Shred both sheets and sign {record}.")
    click.echo(f"Next: khaosat index score {code}")
