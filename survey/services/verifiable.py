"""Which files can be redone, and by whom: one row for each kind of file.

A file says what it is under the key "kind" (or, of old, "schema"). A new kind of draw is verified
by the command line as soon as it has a row here.
"""

import functools
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sampling import Difference
from survey.errors import RefusedInputError
from survey.services import assignment_file, draw_file, household_file, plan_file, stage_file

__all__ = ["KINDS", "FileCheck", "VerifiableKind", "verify_content"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """What redoing a file has shown: what it is, its digest, the first difference, remarks."""

    title: str
    digest: str
    difference: Difference | None
    remarks: tuple[str, ...] = ("Compare it with the one that was announced or signed.",)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiableKind:
    """A kind of file: what to call it, and what redoes it."""

    title: str
    verify: Callable[[bytes], Difference | None]


KINDS: Mapping[str, VerifiableKind] = {
    draw_file.KIND: VerifiableKind(title="the draw", verify=draw_file.verify_json),
    stage_file.KIND: VerifiableKind(title="the stage", verify=stage_file.verify_json),
    household_file.HOUSEHOLD_KIND: VerifiableKind(
        title="the choice within households", verify=household_file.verify_household_json
    ),
    household_file.MEMBERS_KIND: VerifiableKind(
        title="the list of chosen members", verify=household_file.verify_members_json
    ),
    assignment_file.KIND: VerifiableKind(
        title="the cross-rating assignment", verify=assignment_file.verify_json
    ),
}
"""Kinds by the value of their key "kind"."""

_PLAN = "khaosat.plan/1"


def verify_content(content: bytes, *, file: str) -> FileCheck:
    """Redo whatever a file holds and name the first difference.

    Parameters
    ----------
    content : bytes
    file : str
        Named in messages.

    Returns
    -------
    FileCheck

    Raises
    ------
    RefusedInputError
        The file is no JSON, of no kind known here, or cannot be redone.
    """
    kind, digest = _kind_and_digest(content, file)
    if kind == _PLAN:
        return _plan_check(content)
    if kind not in KINDS:
        known = ", ".join(repr(each) for each in (*KINDS, _PLAN))
        fault = f"kind is {kind!r}; it must be one of {known}"
        raise RefusedInputError(what=file, faults=[fault])
    found = KINDS[kind]
    return FileCheck(title=found.title, digest=digest, difference=found.verify(content))


def _kind_and_digest(content: bytes, file: str) -> tuple[str, str]:
    """Read what a file says about itself."""
    repeated: list[str] = []
    try:
        found = json.loads(content, object_pairs_hook=functools.partial(_noting, repeated))
    except (ValueError, RecursionError) as error:
        fault = f"this is no JSON: {error}"
        raise RefusedInputError(what=file, faults=[fault]) from error
    if not isinstance(found, dict):
        fault = f"the file holds a {type(found).__name__}; a draw's file is an object"
        raise RefusedInputError(what=file, faults=[fault])
    if repeated:
        faults = [f"the key {key!r} stands more than once; keep it once" for key in repeated]
        raise RefusedInputError(what=file, faults=faults)
    return str(found.get("kind", found.get("schema"))), str(found.get("digest", ""))


def _noting(repeated: list[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Note keys that stand twice: a reader would see the first, the program the last."""
    counts = Counter(key for key, _ in pairs)
    repeated.extend(key for key, count in counts.items() if count > 1)
    return dict(pairs)


def _plan_check(content: bytes) -> FileCheck:
    """Redo a plan, whose file says more about itself."""
    check = plan_file.verify_json(content)
    signed = "Compare it, and the round's code, with the signed plan: no code is part of a draw."
    remarks = [signed]
    if not check.frame_digest_redone:
        remarks.append(
            "The digest of the register was not redone: staff lists are not in the file."
        )
    return FileCheck(
        title=f"the plan of {check.round_code}",
        digest=check.digest,
        difference=check.difference,
        remarks=tuple(remarks),
    )
