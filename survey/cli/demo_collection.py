"""The demonstration's field work: who answers, how, and the pages they go through."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from questionnaires import Answer, Questionnaire, keep_in_play
from survey.cli.context import console, now, progress_bar
from survey.records.store import Store
from survey.rules.invitations import IssuedLink
from survey.rules.plan_table import PlanCell, PlanUnit
from survey.rules.round_document import RoundDocument
from survey.services import invite, plan, rounds
from survey.simulate import clerks, people, respondents

ACTOR = "demo"
CLERKS = ("nhaplieu1", "nhaplieu2")
THIRD_PERSON = "nhaplieu3"
_RESPONDENTS_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnout:
    """How many of the invited answer, and how."""

    response_rate: float
    refusal_rate: float
    paper_share: float
    answered: Mapping[str, int] = field(default_factory=dict)
    """Exact numbers of answers, by ``unit/group``."""

    uncertified: Sequence[str] = ()
    """Units that never send the certificate that they applied the drawn positions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineCase:
    """A person who opens the link."""

    link: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCase:
    """A filled paper form on the clerks' pile."""

    serial: str
    keyed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Everybody who does something."""

    online: tuple[OnlineCase, ...]
    paper: tuple[PaperCase, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opinion:
    """What one invited person would answer, and whether on paper."""

    link: IssuedLink
    answers: Mapping[str, Answer]
    on_paper: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWork:
    """Everything that decides who answers what; the same seed gives the same people."""

    store: Store
    code: str
    questionnaire: Questionnaire
    public_url: str
    turnout: Turnout
    seed: int
    folder: Path

    def invite_everybody(self) -> Cases:
        """Send the invitations and decide who answers, on paper or online."""
        with self.store.read() as session:
            found = rounds.find_round(session, self.code)
            declared = found.declared
            table = plan.plan_table(session, found)
        units = [unit for group in table.groups for unit in group.units if unit.cells]
        online: list[OnlineCase] = []
        paper: list[PaperCase] = []
        with progress_bar() as bar:
            task = bar.add_task("sending invitations", total=len(units))
            for unit in units:
                links = self._issue(unit)
                if unit is units[0]:
                    self._keep_example(declared, unit, links)
                for cell in unit.cells:
                    group = cell.respondent_group
                    mine = [link for link in links if link.respondent_group == group]
                    opinions = list(self._opinions(unit, cell, mine, declared))
                    online += [
                        OnlineCase(link=each.link.url, answers=each.answers)
                        for each in opinions
                        if not each.on_paper
                    ]
                    paper += self._hand_out(cell, [each for each in opinions if each.on_paper])
                bar.advance(task)
        return Cases(online=tuple(online), paper=tuple(paper))

    def _issue(self, unit: PlanUnit) -> list[IssuedLink]:
        with self.store.write() as session:
            if unit.needs_certificate and unit.code not in self.turnout.uncertified:
                plan.certify(session, unit.round_unit_id, actor=ACTOR, now=now())
            return invite.issue_links(
                session,
                unit.round_unit_id,
                public_url=self.public_url,
                reissue=False,
                actor=ACTOR,
                now=now(),
            )

    def _keep_example(
        self, declared: RoundDocument, unit: PlanUnit, links: Sequence[IssuedLink]
    ) -> None:
        """Keep one unit's sheet of invitations, and its paper forms, for looking at."""
        from survey.documents.invitations_pdf import invitation_sheet  # noqa: PLC0415 - Typst
        from survey.documents.paper_pdf import paper_forms  # noqa: PLC0415 - same

        cell = unit.cells[0]
        with self.store.read() as session:
            serials = invite.paper_serials(session, cell.stratum_id)
            facts = invite.paper_facts(session, cell.stratum_id)
        (self.folder / f"giay-moi-{unit.code}.pdf").write_bytes(
            invitation_sheet(
                declared,
                unit.name,
                links,
                simulated=True,
                minutes=self.questionnaire.estimated_minutes,
            )
        )
        (self.folder / f"phieu-giay-{unit.code}.pdf").write_bytes(
            paper_forms(
                declared,
                self.questionnaire,
                unit_name=unit.name,
                respondent_group=cell.respondent_group,
                serials=serials[:2],
                simulated=True,
                facts=facts,
            ).pdf
        )

    def _opinions(
        self,
        unit: PlanUnit,
        cell: PlanCell,
        links: Sequence[IssuedLink],
        declared: RoundDocument,
    ) -> Iterator[_Opinion]:
        """Yield the people of one stratum who open their link or fill in a form."""
        group = cell.respondent_group
        exact = self.turnout.answered.get(f"{unit.code}/{group}")
        for place, link in enumerate(links):
            rng = people.stream(self.seed, "turnout", unit.code, group, link.slot)
            draw = float(rng.random())
            on_paper = float(rng.random()) < self.turnout.paper_share
            if exact is not None:
                draw = 0.0 if place < exact else 0.99
            elif draw > 1 - self.turnout.refusal_rate:
                yield _Opinion(link=link, answers=self._refusal(), on_paper=False)
            if draw < self.turnout.response_rate:
                answers = people.opinions(
                    people.Person(unit=unit.code, group=group, slot=link.slot),
                    self.questionnaire,
                    seed=self.seed,
                    groups=tuple(each.code for each in declared.respondent_groups),
                    habits=people.Habits(),
                )
                yield _Opinion(link=link, answers=answers, on_paper=on_paper)

    def _refusal(self) -> dict[str, Answer]:
        consent = self.questionnaire.consent
        if consent is None:
            return {}
        refusing = next(option for option in consent.options if option.ends is not None)
        return {consent.id: refusing.code}

    def _hand_out(self, cell: PlanCell, opinions: Sequence[_Opinion]) -> list[PaperCase]:
        """Withdraw the links of those who get paper, and fill in forms from the stratum's pile."""
        if not opinions:
            return []
        with self.store.write() as session:
            slots = [each.link.slot for each in opinions]
            invite.hand_out_paper(session, cell.stratum_id, slots=slots, actor=ACTOR, now=now())
            serials = invite.paper_serials(session, cell.stratum_id)
            facts = invite.paper_facts(session, cell.stratum_id)
        return [
            PaperCase(
                serial=serial,
                keyed=clerks.as_keyed(
                    keep_in_play(self.questionnaire, each.answers, facts), self.questionnaire
                ),
            )
            for serial, each in zip(serials, opinions, strict=False)
        ]


def answer_online(cases: Cases, base_url: str, questionnaire: Questionnaire) -> None:
    """Let everybody who answers online do so, a few at a time."""
    with progress_bar() as bar, ThreadPoolExecutor(_RESPONDENTS_AT_ONCE) as pool:
        task = bar.add_task("simulated respondents answer online", total=len(cases.online))
        answered = pool.map(
            lambda case: respondents.answer_online(
                base_url, case.link, case.answers, questionnaire
            ),
            cases.online,
        )
        for _ in answered:
            bar.advance(task)


def key_paper(
    cases: Cases,
    base_url: str,
    questionnaire: Questionnaire,
    *,
    round_code: str,
    passwords: Mapping[str, str],
    seed: int,
) -> None:
    """Key every paper form twice, by two clerks, and let a third settle the differences."""
    with progress_bar() as bar, ThreadPoolExecutor(len(CLERKS)) as pool:
        task = bar.add_task(
            "simulated clerks key paper forms", total=len(CLERKS) * len(cases.paper)
        )

        def work(username: str) -> None:
            clerk = clerks.Clerk(base_url, username=username, password=passwords[username])
            batch = clerk.open_batch(round_code=round_code, label=f"Lô của {username}")
            for number, case in enumerate(cases.paper):
                rng = people.stream(seed, username, number)  # serials differ from run to run
                clerk.key(batch, case.serial, clerks.with_slips(case.keyed, questionnaire, rng))
                bar.advance(task)
            clerk.close()

        for finished in [pool.submit(work, name) for name in CLERKS]:
            finished.result()
    third = clerks.Clerk(base_url, username=THIRD_PERSON, password=passwords[THIRD_PERSON])
    settled = third.settle({case.serial: case.keyed for case in cases.paper})
    third.close()
    console.print(
        f"{len(cases.paper)} paper forms keyed twice; {settled} differed and were settled."
    )
