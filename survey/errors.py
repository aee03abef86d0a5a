"""What the survey refuses, and why.

::

    SurveyError
    ├── RefusedInputError          a file or a value that does not fit; carries every fault
    ├── NotFoundError              no such round, unit, invitation, form
    │   └── UnknownLinkError       the token of a link belongs to no invitation
    ├── NotAllowedNowError         the round's state does not allow the action
    ├── NotReadyError              an earlier step is missing
    ├── NotPermittedError          the account's role does not allow the action
    │   ├── NoEditionError         the role sees no edition of the index, and why
    │   └── EditionRefusedError    not this edition, and which ones it does see
    ├── SignInRefusedError         wrong name or password
    │   └── LockedOutError         too many failures, with the time to wait
    ├── InvitationUsedError        the link has been used
    ├── DifferentAnswersError      a submission id came back with other answers (409)
    ├── DraftLockedError           a draft that this device cannot open
    ├── StaleFormError             somebody else changed the record meanwhile (409)
    ├── FormFinishedError          a paper form needs no further keying (409)
    │   └── FormWaitsError         its two keyings differ; a third person decides
    ├── KeyedAlreadyError          one person keys a form once, and does not decide about it
    ├── TooManyFormsError          more paper forms than were handed out
    ├── NoReserveLeftError         the stratum has no further reserve
    ├── WrongKeyError              the key does not open this round's ballots
    │   ├── KeyLengthError         characters of the sheet are missing or too many
    │   ├── DamagedKeyError        a group of the sheet was misread; names it
    │   └── OtherRoundsKeyError    a sound key, of another round
    ├── UnfinishedKeyingError      closing would lose keyings; lists their serials
    ├── BallotsDoNotMatchError     opened ballots ≠ used rights; nothing was changed
    │   └── DamagedBallotsError    ballots that the right key does not open
    ├── BusyDatabaseError          other connections keep a clean-up from finishing
    ├── BackupDiffersError         a restored backup is not what was backed up
    └── BackupError                a file is no backup, or damaged (in survey.services.backup)

Messages are English templates with named values, so that a catalogue can translate them. What is
named in words (``what``, ``missing``, ``action``) is written out where it is raised, and
`scripts/catalogue` collects it from there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime


class SurveyError(Exception):
    """Base of all refusals of this room; ``template`` % ``values`` is the English message."""

    template = "The survey refused the request."

    def __init__(self, **values: object) -> None:
        self.values: Mapping[str, object] = values
        super().__init__(self.template % values if values else self.template)


class RefusedInputError(SurveyError):
    """A file or value does not fit; ``faults`` lists every reason at once."""

    template = "%(what)s was refused: %(count)s fault(s). Nothing was stored."

    def __init__(self, *, what: str, faults: Sequence[object]) -> None:
        self.faults = tuple(faults)
        super().__init__(what=what, count=len(self.faults))

    def __str__(self) -> str:
        """Return the message with one line per fault."""
        return "\n".join([super().__str__(), *(f"  - {fault}" for fault in self.faults)])


class NotFoundError(SurveyError):
    """There is no such thing."""

    template = "There is no %(what)s “%(key)s”."


class UnknownLinkError(NotFoundError):
    """No invitation has this token; the token itself is never part of the message."""

    template = "This link is not a link of the round “%(key)s”."

    def __init__(self, *, round_code: str) -> None:
        super().__init__(what="link", key=round_code)


class NotAllowedNowError(SurveyError):
    """The round's state does not allow the action."""

    template = "“%(action)s” is not possible while the round is “%(state)s”; it is in: %(allowed)s."

    def __init__(self, *, action: str, state: str, allowed_in: tuple[str, ...]) -> None:
        super().__init__(action=action, state=state, allowed=", ".join(allowed_in))
        self.action, self.state, self.allowed_in = action, state, allowed_in


class NotReadyError(SurveyError):
    """A step before this one is missing."""

    template = "“%(action)s” must wait: %(missing)s."

    def __init__(self, *, action: str, missing: Sequence[str]) -> None:
        super().__init__(action=action, missing="; ".join(missing))
        self.missing = tuple(missing)


class NotPermittedError(SurveyError):
    """The account's role does not allow the action."""

    template = "The role “%(role)s” may not “%(action)s”."


class NoEditionError(NotPermittedError):
    """The account's role sees no edition of the index, now or ever."""

    template = (
        "The role “%(role)s” may see no edition of this index: viewers see it once it is "
        "published; clerks and administrators see no results."
    )


class EditionRefusedError(NotPermittedError):
    """The edition asked for is for other readers, or there is none of that name."""

    template = (
        "The edition “%(wanted)s” of the index is not for the role “%(role)s”; "
        "it may see: %(editions)s."
    )


class SignInRefusedError(SurveyError):
    """Wrong name or password; which of the two is not said."""

    template = "The user name or the password is wrong."


class LockedOutError(SignInRefusedError):
    """Too many failures in a row."""

    template = "Too many failed attempts. Try again after %(until)s."

    def __init__(self, *, until: datetime) -> None:
        super().__init__(until=until.isoformat(timespec="minutes"))
        self.until = until


class InvitationUsedError(SurveyError):
    """The invitation has been used, or withdrawn for a paper form."""

    template = "This invitation has already been used."


class DifferentAnswersError(SurveyError):
    """One submission id, two different sets of answers."""

    template = "This submission has already been received with other answers."


class DraftLockedError(SurveyError):
    """There is a draft, but this device's secret does not open it."""

    template = "Unfinished answers were saved on another device."


class StaleFormError(SurveyError):
    """The record changed since it was read."""

    template = "Somebody else has changed this record meanwhile; load it again."


class FormFinishedError(SurveyError):
    """The paper form is sealed."""

    template = "Paper form %(serial)s is finished; nothing more can be keyed."


class FormWaitsError(FormFinishedError):
    """The paper form waits for a third person's decision."""

    template = "Paper form %(serial)s has been keyed twice and waits for a decision."


class KeyedAlreadyError(SurveyError):
    """The second keying and the decision belong to other people than the first keying."""

    template = "You have keyed paper form %(serial)s yourself; somebody else must do this."


class TooManyFormsError(SurveyError):
    """More paper forms come back than were handed out."""

    template = (
        "%(handed_out)s paper form(s) were handed out to %(unit)s, group %(group)s, and as many "
        "have been keyed; form %(serial)s is one too many. Hand it out first, or set it aside."
    )


class NoReserveLeftError(SurveyError):
    """All reserves of the stratum have been released, or none was drawn."""

    template = "%(unit)s, group %(group)s, has no reserve left: %(drawn)s drawn, all released."


class WrongKeyError(SurveyError):
    """The key text does not open this round's ballots."""

    template = "The key does not open the ballots of this round."


class KeyLengthError(WrongKeyError):
    """Characters of the key are missing, or there are too many."""

    template = (
        "The key has %(found)s characters instead of %(expected)s; compare it group by group."
    )


class DamagedKeyError(WrongKeyError):
    """A group of the key was misread."""

    template = "Group %(group)s, “%(text)s”, is not as printed; read it again."


class OtherRoundsKeyError(WrongKeyError):
    """The key is sound, but another round's."""

    template = "This is a sound key, but not the key of the round “%(round)s”."


class UnfinishedKeyingError(SurveyError):
    """Paper forms wait for a second keying or a decision."""

    template = "%(count)s paper form(s) are not finished: %(serials)s."

    def __init__(self, *, serials: Sequence[str]) -> None:
        super().__init__(count=len(serials), serials=", ".join(serials))
        self.serials = tuple(serials)


class BallotsDoNotMatchError(SurveyError):
    """The number of ballots is not the number of used rights."""

    template = (
        "%(place)s: %(ballots)s ballots but %(used)s used invitations and sealed paper forms; "
        "nothing was changed."
    )


class DamagedBallotsError(BallotsDoNotMatchError):
    """The right key does not open some ballots."""

    template = "%(damaged)s of %(ballots)s ballots cannot be opened; nothing was changed."


class BusyDatabaseError(SurveyError):
    """Other connections keep a clean-up from finishing; it can be run again."""

    template = (
        "The database is in use, so “%(step)s” could not finish. Stop the other programs that "
        "use it and run the step again; what is done stays done."
    )


class BackupDiffersError(SurveyError):
    """A backup, restored as a test, does not hold what the database holds."""

    template = (
        "The restored backup has %(restored)s responses with digest %(restored_digest)s, the "
        "database %(stored)s with digest %(stored_digest)s; the key was not destroyed."
    )
