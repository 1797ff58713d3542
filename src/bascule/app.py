"""Composition: settings in, a wired `App` out. Server, command line and tests all start here."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

import structlog

from bascule.calendars.door import Calendars
from bascule.connectors.registry import load as load_connector
from bascule.connectors.spec import Connector
from bascule.core.erasure import FOLLOW
from bascule.core.retention import RETAIN, RETIRE
from bascule.core.triggers import Do
from bascule.engine.backfill import Backfill
from bascule.engine.connections import Connections
from bascule.engine.consents import CREDENTIALS, Kept, Watch
from bascule.engine.contents import Contents
from bascule.engine.deliver import Deliver
from bascule.engine.doubles import DOUBLES, SWEEP, Doubles, moved, night
from bascule.engine.entries import ANNOUNCE
from bascule.engine.eta import Etas
from bascule.engine.feeds import Feeds
from bascule.engine.health import Health
from bascule.engine.http import Client, Observation
from bascule.engine.ingest import Ingest
from bascule.engine.lanes import Worker
from bascule.engine.metrics import Metrics
from bascule.engine.parity import Parity
from bascule.engine.pulse import Pulse
from bascule.engine.rates import Rates
from bascule.engine.reconcile import MERGE, React, Reconcile
from bascule.engine.remap import REMAP, Remap
from bascule.engine.rhythm import PARITY, kinds_of, list_of, told_by
from bascule.engine.runtime import Runtime
from bascule.engine.shapes import ANSWERS, Shapes
from bascule.engine.signin import Held, Keeper
from bascule.engine.stage_history import STAGE_HISTORY, StageHistories
from bascule.engine.subscribers import SEND, Subscribers
from bascule.engine.sweeper import sweeper
from bascule.engine.traces import exported
from bascule.engine.wire import AiohttpTransport, Transport
from bascule.enrichment.door import Lookups
from bascule.hiring.deciding import ASK, TELL, DecisionLetters
from bascule.hiring.deciding import reaction as asked
from bascule.hiring.enriching import ASKED, ENRICH, Enriching, consent
from bascule.hiring.extracting import EXTRACT, Extracting
from bascule.hiring.fitting import FIT, Fitting
from bascule.hiring.indexing import INDEX, INDEX_ALL, Indexing, marked
from bascule.hiring.interview_letters import LETTER, InterviewLetters
from bascule.hiring.interview_records import InterviewRecords
from bascule.hiring.interviewing import CALENDAR, Interviewing
from bascule.hiring.interviewing import CHECK as INTERVIEWS
from bascule.hiring.interviewing import reaction as interviews
from bascule.hiring.mail import Smtp
from bascule.hiring.manager_answers import ANSWERS as ANSWERED
from bascule.hiring.manager_answers import ManagerAnswers
from bascule.hiring.manager_answers import said as manager_said
from bascule.hiring.messages import MAIL, Messages
from bascule.hiring.notices import NOTICE, Notices
from bascule.hiring.older import OLDER, OlderResumes
from bascule.hiring.ordering import ORDER, Ordering
from bascule.hiring.outcomes import DECIDED, Deciding
from bascule.hiring.outcomes import reaction as decided
from bascule.hiring.pool import Pool
from bascule.hiring.rescoring import RESCORE, Rescoring
from bascule.hiring.resumes import Readings, Subject
from bascule.hiring.rubrics import Rubrics
from bascule.hiring.scoring import RANK, RUBRIC, SCORE, Scoring, reaction
from bascule.hiring.shortlisting import Shortlisting
from bascule.hiring.telling import Told
from bascule.hiring.tools import HINT, Tools
from bascule.hiring.tools import reaction as told
from bascule.hiring.triggers import CLASHES, LOOK_ALL, TRIGGER, Triggers
from bascule.hiring.triggers import reaction as ruled
from bascule.hiring.unread import UNREAD, Unread
from bascule.hiring.wording import EXPLAIN, Wording
from bascule.hiring.written_feedback import WrittenFeedback
from bascule.match import Matcher, ResumeReader
from bascule.match.judges import Judges
from bascule.models.door import Models
from bascule.office.absences import Absences
from bascule.office.accounts import Accounts
from bascule.office.aitools import AiTools
from bascule.office.alerts import Alerts
from bascule.office.applicants import Applicants
from bascule.office.booking import Booking
from bascule.office.bulk import BULK, BulkChanges
from bascule.office.calendars import CalendarDesk
from bascule.office.changes import Changes
from bascule.office.consenting import Consenting
from bascule.office.copies import COPY, Copies
from bascule.office.corrections import Corrections
from bascule.office.counterparts import Counterparts
from bascule.office.credential_links import CredentialLinks
from bascule.office.datacheck import CHECK, DataChecks
from bascule.office.decisions import Decisions
from bascule.office.desk import Desk
from bascule.office.doors import Doors
from bascule.office.enrichment import Enrichment
from bascule.office.entering import Entering
from bascule.office.erasures import Erasures
from bascule.office.failures import Failures
from bascule.office.fairness import Fairness
from bascule.office.feedback import FeedbackDesk
from bascule.office.figures import FIGURES, FiguresDesk
from bascule.office.forms import Forms
from bascule.office.grants import Grants
from bascule.office.handover import ISSUED, Handovers
from bascule.office.interviews import InterviewDesk
from bascule.office.invitations import Invitations
from bascule.office.joins import Joins
from bascule.office.keys import Keys, master_keys
from bascule.office.mailbox import MAILBOX, MailboxDesk
from bascule.office.managers import Managers
from bascule.office.mappings import Mappings
from bascule.office.merges import Merges
from bascule.office.messages import MessageDesk
from bascule.office.models import Choices
from bascule.office.outcomes import OutcomeDesk
from bascule.office.owners import Owners
from bascule.office.parity import Parities
from bascule.office.pilots import PILOT, Pilots
from bascule.office.practice import Practice
from bascule.office.providers import Providers
from bascule.office.putting import Putting
from bascule.office.reaching import Reaching
from bascule.office.rediscovery import Rediscovery
from bascule.office.remedies import Remedies
from bascule.office.replays import Replays
from bascule.office.resumes import ResumeDesk
from bascule.office.retention import Retention, begin, in_force
from bascule.office.rhythms import Rhythms
from bascule.office.rollouts import Rollouts
from bascule.office.rubrics import RubricDesk
from bascule.office.runs import Runs
from bascule.office.screenings import EXPIRE, Screenings
from bascule.office.search import Search
from bascule.office.setting_up import SettingUp
from bascule.office.shortlists import Shortlists
from bascule.office.signin import SignIn
from bascule.office.standing import Standing
from bascule.office.stops import Stops
from bascule.office.subscriptions import Subscriptions
from bascule.office.tasks import Tasks
from bascule.office.taxonomies import TaxonomyDesk
from bascule.office.triggers import TriggerDesk
from bascule.office.undecided import UNDECIDED, UndecidedDesk
from bascule.office.visibility import Visibility
from bascule.office.vitals import Vitals
from bascule.settings import Settings, traces_wanted
from bascule.store import Store, Tx, open_store
from bascule.store.connections import Connection
from bascule.store.listing import SIGHT_DERIVED
from bascule.store.workspaces import Workspace
from bascule.trust.audit import ARITHMETIC, AuditTrail
from bascule.trust.erasure import ERASE, SCRUB, Erasing
from bascule.trust.following import Following
from bascule.trust.following import reaction as followed
from bascule.trust.retiring import Retiring, rule_of

log = structlog.get_logger("bascule")

GRACE = 5.0  # seconds that what is under way has to end in when the App stops; what is cut off is looked for later
TRACED = timedelta(days=7)  # how long waiting work remembers its trace
CALLED = timedelta(days=400)  # how long it is kept what was asked of models of others; the audit knows it for good
SEAL_EVERY, TIDY_EVERY = 5.0, 3600.0


class App:
    """One running Bascule: everything a page, the API or a command may ask for."""

    def __init__(
        self, settings: Settings, store: Store, runtime: Runtime, connector: Callable[[str], Connector] = load_connector
    ) -> None:
        self.settings = settings
        self.store = store
        self.runtime = runtime
        self.metrics = Metrics(self._name_of)
        self.connections = Connections(store, runtime, connector, self._client, timeout=settings.request_timeout)
        self.connections.pinged = self._pinged
        self.shapes = Shapes(runtime, self.connections)
        self.reconcile = Reconcile(runtime, self.connections, self._reaction(), wake=self._wake)
        self.ingest = Ingest(
            runtime, self.connections, self.reconcile, max_bytes=settings.max_hook_bytes, wake=self._wake
        )
        self.ingest.on_delivery = lambda at, outcome: self.metrics.delivery(at.row.system, outcome)
        self.rates = Rates(store, runtime)
        self.rubrics = Rubrics(runtime, store, lambda: self.matcher)
        self.contents = Contents(runtime, self.connections, self.rates)
        self.deliver = Deliver(runtime, self.connections, self.reconcile, self.contents)
        self.deliver.on_written = lambda at, kind, call, ok, lag: self.metrics.written(
            at.row.system, at.id, kind, call, ok, lag
        )
        lease = timedelta(seconds=settings.lease)
        self.feeds = Feeds(runtime, self.connections, self.reconcile, self.rates, hold=lease)
        self.parity = Parity(runtime, self.connections, self.reconcile, self.feeds, self.rates)
        self.stage_histories = StageHistories(
            runtime, self.connections, self.rates, days=settings.stage_history_days, hold=lease
        )
        self.backfills = Backfill(runtime, self.connections, self.feeds, self.rates, self.stage_histories)
        self.remap = Remap(runtime, self.connections, self.reconcile)
        self.doubles = Doubles(store, self.reconcile, runtime.now)
        self.feeds.on_seen = lambda at, reads, seconds: self.metrics.seen(at.id, reads.title, seconds)
        self.pulse = Pulse(runtime, self.connections, self.metrics)
        self.feeds.on_untold = self.pulse.found
        self.etas = Etas(runtime, self.connections, (SCORE,))
        self.trail = AuditTrail(store)
        self.desk = Desk(
            settings, store, runtime, self.connections, self.reconcile, reload=self._reload, wake=self._wake
        )
        self.grants = Grants(self.desk, connector)
        self.accounts = Accounts(
            self.desk, connector, self._probe, self.feeds, self.backfills, self.grants,
            lambda: self.trigger_desk.clashes(), lambda name, mode: self.rollouts.require(name, mode),
        )  # fmt: skip
        self.credential_links = CredentialLinks(self.desk, connector)
        self.entering = Entering(self.desk, self.credential_links, self.accounts, self.grants, connector)
        self.consenting = Consenting(self.desk, self._probe)
        self.mappings = Mappings(self.desk, self.metrics, self.remap)
        self.joins = Joins(self.desk)
        self.data_checks = DataChecks(self.desk)
        self.remedies = Remedies(self.desk, self.data_checks)
        self.counterparts = Counterparts(self.desk, self.mappings)
        self.copies = Copies(self.desk, self.grants)
        self.bulk = BulkChanges(self.desk)
        self.screenings = Screenings(self.desk)
        self.messages = Messages(
            runtime, self.connections, self.reconcile, Smtp(), address=settings.address, lease=lease,
            undo=timedelta(seconds=settings.undo_seconds),
        )  # fmt: skip
        self.notices = Notices(runtime, lambda: self.store, lambda: self.messages.post, address=settings.address)
        self.message_desk = MessageDesk(self.desk, self.messages, WrittenFeedback(runtime, self.reconcile))
        self.mailbox = MailboxDesk(self.desk, self.message_desk)
        self.calendars = Calendars(store, runtime)
        self.calendar_desk = CalendarDesk(self.desk, self.calendars)
        letters = InterviewLetters(runtime, lambda: self.store, self.messages, address=settings.address)
        self.interview_letters = letters
        self.interviewing = Interviewing(
            runtime, lambda: self.store, self.reconcile, self.calendars, letters,
            InterviewRecords(runtime, self.connections, self.reconcile), address=settings.address,
        )  # fmt: skip
        self.interviews = InterviewDesk(self.desk, self.interviewing, self.messages)
        self.feedback = FeedbackDesk(self.desk)
        self.booking = Booking(self.desk, self.interviewing, letters, self.calendars)
        self.shortlisting = Shortlisting(runtime, self.reconcile, address=settings.address)
        self.triggers = Triggers(
            runtime, self.connections, self.reconcile, {
                Do.MESSAGE: self.messages.act, Do.NOTIFY: self.notices.act,
                Do.INVITE: lambda tx, case: self.invitations.act(tx, case),
                Do.SCHEDULE: lambda tx, case: self.invitations.schedule(tx, case),
                Do.SHORTLIST: self.shortlisting.act,
            },
            {
                **dict.fromkeys((Do.MESSAGE, Do.INVITE, Do.SCHEDULE), self.messages.take_back),
                Do.SHORTLIST: self.shortlisting.take_back,
            },
            (self.messages.answered, manager_said),
        )  # fmt: skip
        self.invitations = Invitations(self.screenings, self.messages, self.interviews, self.interviewing)
        self.messages.on_sent = self.invitations.sent
        self.messages.on_unsent = self.invitations.unsent
        self.trigger_desk = TriggerDesk(self.desk, self.triggers)
        self.changes = Changes(self.desk, self.joins, self.bulk, self.message_desk, self.shortlisting, self.feedback)
        self.merges = Merges(self.desk, self.joins, self.changes)
        self.letters = DecisionLetters(runtime, self.connections, lambda: self.messages.post, address=settings.address)
        self.erasing = Erasing(store, runtime, self.connections, self.reconcile, settings.data)
        self.erasing.on_begun = self.interviewing.erasing
        self.erasures = Erasures(self.desk, self.erasing)
        self.pilots = Pilots(self.desk, self.triggers, self.changes, self.erasing, self.trail, self.grants)
        self.retiring = Retiring(store, runtime, self.reconcile, self.erasing)
        self.following = Following(runtime, self.connections, self.reconcile, self.erasing)
        self.failures = Failures(self.desk)
        self.runs = Runs(self.desk)
        self.stops = Stops(self.desk)
        self.owners = Owners(self.desk)
        self.parities = Parities(self.desk)
        self.tasks = Tasks(self.desk, self.screenings)
        self.decisions = Decisions(self.desk, self.changes, self.message_desk, self.tasks)
        self.standing = Standing(self.desk, self.metrics, self.tasks, self.etas)
        self.rhythms = Rhythms(self.desk, self.metrics, self.feeds)
        self.alerts = Alerts(self.desk, self.tasks, self.standing)
        self.rollouts = Rollouts(self.desk, self.grants, self.alerts, self.trigger_desk.clashes)
        self.practice = Practice(self.desk)
        self.reaching = Reaching(self.desk)
        self.setting_up = SettingUp(
            self.desk, self.grants, self.mappings, self.rollouts, self.pilots, self.backfills, self.reaching
        )
        self.handovers = Handovers(self.desk, self.rollouts, self.alerts, self.mappings, self.trigger_desk)
        self.vitals = Vitals(self.desk, self.metrics, self.rhythms)
        self.doors = Doors(self.desk)
        self.keys = Keys(self.desk)
        self.sign_in = SignIn(self.desk)
        self.visibility = Visibility(self.desk)
        self.pool = Pool(runtime, store, lambda: self.matcher.embedder)
        self.search = Search(self.desk, self.pool, lambda: self.matcher)
        self.putting = Putting(self.desk, self.grants)
        self.rediscovery = Rediscovery(self.desk, self.pool, self.rubrics, lambda: self.matcher)
        self.tools = Tools(runtime, self.connections, self.reconcile, self.contents, lambda: self.matcher)
        self.aitools = AiTools(self.desk)
        self.shortlists = Shortlists(self.desk)
        self.managers = Managers(self.desk, lambda: self.matcher)
        self.forms = Forms(self.desk)
        self.applicants = Applicants(self.desk, self.screenings, self.grants)
        self.subscribers = Subscribers(
            runtime, self.connections, address=settings.address, most=max(1, settings.workers // 2),
            allowed_hosts=settings.allowed_hosts,
        )  # fmt: skip
        self.subscriptions = Subscriptions(self.desk, self.subscribers)
        self.corrections = Corrections(self.desk, lambda: self.matcher)
        self.resume_desk = ResumeDesk(self.desk, lambda: self.matcher)
        self.outcomes = OutcomeDesk(self.desk)
        self.replays = Replays(self.desk, self.rubrics, lambda: self.scoring, lambda: self.readings)
        self.figures = FiguresDesk(self.desk)
        self.undecided = UndecidedDesk(self.desk)
        self.absences = Absences(self.desk)
        self.lookups = Lookups(store, runtime, consent(rule_of, runtime.now))
        self.enriching = Enriching(runtime, self.connections, self.reconcile, lambda: self.matcher, self.lookups)
        self.providers = Providers(self.desk)
        self.enrichment = Enrichment(self.desk, self.enriching, self.changes)
        self.fairness = Fairness(self.desk, self.rubrics, lambda: self.matcher)
        self.rubric_desk = RubricDesk(self.desk, self.rubrics, lambda: self.matcher)
        self.taxonomy_desk = TaxonomyDesk(self.desk, self.rubrics, lambda: self.matcher)
        self.retention = Retention(self.desk)
        self.models = Models(store, runtime, settings.allowed_hosts)
        self.choices = Choices(self.desk, self.models)
        self.health = Health(
            self.connections, runtime.now, self.feeds.learn, self.grants.of, self.accounts.hook_url,
            self.mappings.intervals,
        )  # fmt: skip
        self.worker = Worker(
            runtime,
            self.connections,
            self.reconcile,
            self.deliver,
            self.rates,
            {
                "poll": self.feeds.poll,
                "sweep": self.feeds.sweep,
                PARITY: self.parity.run,
                "discover": self.feeds.discover,
                CREDENTIALS: Watch(runtime, self.connections).look,
                MERGE: self.reconcile.merge,
                DOUBLES: self.doubles.look,
                SWEEP: self.doubles.sweep,
                REMAP: self.remap.run,
                COPY: self.copies.run,
                CHECK: self.data_checks.run,
                PILOT: self.pilots.run,
                ERASE: self.erasing.run,
                SCRUB: self.erasing.scrub,
                FOLLOW: self.following.run,
                RETAIN: self.retiring.retain,
                RETIRE: self.retiring.retire,
                BULK: self.bulk.run,
                "backfill": self.backfills.run,
                STAGE_HISTORY: self.stage_histories.run,
                SCORE: lambda task: self.scoring.score(task),
                RUBRIC: lambda task: self.scoring.rubric(task),
                RESCORE: lambda task: self.rescoring.rescore(task),
                DECIDED: Deciding(runtime, store).look,
                RANK: lambda task: self.scoring.rank(task),
                UNREAD: Unread(runtime, store).look,
                EXPLAIN: lambda task: self.wording.explain(task),
                EXTRACT: lambda task: self.extracting.extract(task),
                ENRICH: self.enriching.run,
                ASKED: self.enriching.run_asked,
                OLDER: lambda task: self.older.run(task),
                FIT: lambda task: self.fitting.fit(task),
                INDEX: lambda task: self.indexing.index(task),
                INDEX_ALL: lambda task: self.indexing.index_all(task),
                ORDER: lambda task: self.ordering.order(task),
                HINT: lambda task: self.tools.hint(task),
                TRIGGER: self.triggers.look,
                LOOK_ALL: self.triggers.look_all,
                CLASHES: lambda task: self.trigger_desk.nightly(task),
                ISSUED: lambda task: self.handovers.nightly(task),
                MAIL: self.messages.run,
                NOTICE: self.notices.run,
                MAILBOX: self.mailbox.run,
                ANSWERED: ManagerAnswers(runtime, self.connections, address=settings.address).tell,
                UNDECIDED: self.undecided.look,
                FIGURES: self.figures.keep,
                CALENDAR: self.interviewing.calendar,
                INTERVIEWS: self.interviewing.check,
                LETTER: self.interview_letters.send,
                EXPIRE: self.screenings.expire,
                ANNOUNCE: self.subscribers.announce,
                SEND: self.subscribers.send,
                ASK: self.letters.ask,
                TELL: self.letters.tell,
                "escalate": self.tasks.escalate,
                "estimate": self.etas.keep,
                "measure": self.pulse.measure,
                ANSWERS: self.shapes.keep,
                "alert": self.alerts.look,
                "seal": self._seal,
                "tidy": self._tidy,
            },
            slots=settings.workers,
            name=f"{socket.gethostname()}:{os.getpid()}",
            lease=lease,
            poll=1.0 if store.alone else 0.25,
        )
        self.worker.on_failure = self._failed
        self.worker.on_lost = self._lost
        self.worker.on_applied = lambda at, root, seconds: self.metrics.seen(
            at.id, told_by(at.connector, root), seconds
        )
        self.local_key = secrets.token_urlsafe(32)  # for commands of this machine's user

    @property
    def workspace(self) -> str:
        """The workspace this process serves; known once it has started."""
        return self.desk.workspace

    @cached_property
    def reader(self) -> ResumeReader:
        return ResumeReader()

    @cached_property
    def matcher(self) -> Matcher:
        return Matcher()

    @cached_property
    def judges(self) -> Judges:
        return Judges(self.matcher)

    @cached_property
    def readings(self) -> Readings:
        return Readings(self.connections, self.contents, self.reader, self.matcher)

    @cached_property
    def indexing(self) -> Indexing:
        return Indexing(self.runtime, self.store, self.connections, self.matcher, rule_of)

    @cached_property
    def older(self) -> OlderResumes:
        return OlderResumes(self.runtime, self.store, self.connections, self.contents, self.reader)

    @cached_property
    def fitting(self) -> Fitting:
        return Fitting(
            self.runtime, self.store, self.matcher, self.rubrics, self.reconcile.watchers, self.judges
        )  # fmt: skip

    @cached_property
    def scoring(self) -> Scoring:
        return Scoring(
            self.runtime, self.connections, self.reconcile, self.matcher, self.rubrics, self.readings,
            address=self.settings.address, follow=self.follow_score,
        )  # fmt: skip

    @cached_property
    def rescoring(self) -> Rescoring:
        return Rescoring(self.runtime, self.store, self.reconcile, self.scoring, self.rubrics, self.judges)

    @cached_property
    def wording(self) -> Wording:
        return Wording(self.runtime, self.connections, self.reconcile, self.matcher, self.readings, self.models)

    @cached_property
    def extracting(self) -> Extracting:
        return Extracting(self.runtime, self.connections, self.reconcile, self.matcher, self.readings, self.models)

    @cached_property
    def ordering(self) -> Ordering:
        return Ordering(self.runtime, self.store, self.matcher, self.rubrics, self.readings, self.models)

    def follow_score(self, tx: Tx, subject: Subject, told: Told) -> None:
        """What a language model is to be asked about a score that is kept, in its commit."""
        self.wording.follow(tx, subject, told)
        self.extracting.follow(tx, subject, told)
        self.enriching.follow(tx, subject, told)
        self.ordering.follow(tx, subject, told)

    # ------------------------------------------------------------------------------------------------- life and death

    async def start(self, *, work: bool = True) -> None:
        """Make the first workspace and user where there are none, take up the connections, and start the worker."""
        now = self.runtime.now()
        self.desk.workspace = await self.store.write(lambda tx: self._first_workspace(tx, now))
        await self.connections.refresh()
        again = await self.erasing.replay()
        if again:
            log.warning("erased again what an older backup had brought back", people=again)

        def arrange(tx: Tx) -> None:
            self.pulse.back(tx, self.workspace, now)
            tx.tasks.put(self.workspace, "seal", "audit", due=now)
            tx.tasks.put(self.workspace, "estimate", "all", due=now + timedelta(seconds=30))
            tx.tasks.put(self.workspace, "alert", "all", due=now + timedelta(seconds=15))
            tx.tasks.put(self.workspace, "measure", "all", due=now + timedelta(seconds=30))
            tx.tasks.put(self.workspace, ANSWERS, "all", due=now + timedelta(seconds=30))
            tx.tasks.put(self.workspace, "tidy", "all", due=now + timedelta(minutes=5))
            tx.tasks.put(self.workspace, SWEEP, "all", due=night(now))
            tx.tasks.put(self.workspace, CLASHES, "all", due=night(now))
            tx.tasks.put(self.workspace, ISSUED, "all", due=night(now))
            self.mailbox.arrange(tx)
            tx.tasks.put(self.workspace, UNDECIDED, "all", due=now + timedelta(minutes=20))
            tx.tasks.put(self.workspace, FIGURES, "all", due=now + timedelta(minutes=2))
            tx.tasks.put(self.workspace, RETAIN, "all", due=now + timedelta(minutes=10))
            tx.tasks.put(self.workspace, INDEX_ALL, "all", due=now + timedelta(seconds=5))
            tx.tasks.put(self.workspace, OLDER, "all", due=now + timedelta(minutes=1))
            tx.tasks.put(self.workspace, "escalate", "all", due=now + timedelta(minutes=1))
            for at in self.connections.all():
                self.feeds.arrange(tx, at, now)

        await self.store.write(arrange)
        if work:
            self.runtime.spawn(self.worker.run(), "worker")

    async def stop(self) -> None:
        """Let what is under way end, for `GRACE` seconds, then let go of everything. A list of a hundred pages is not
        waited for: what is cut off is taken up where it was, and a write without an answer is looked for."""
        self.worker.stop()
        await self.practice.stop()
        self.pool.close()
        await self.runtime.stop(GRACE)
        if "reader" in self.__dict__:
            await self.reader.close()
        if "judges" in self.__dict__:
            await self.judges.close()
        try:
            await self.trail.flush()  # what was asked since the last seal
        except Exception as error:
            self._failed("audit", error)
        await asyncio.to_thread(self.runtime.traces.close, GRACE)
        await self.connections.close()
        await self.runtime.transport.close()
        await self.store.close()

    def _first_workspace(self, tx: Tx, now: datetime) -> str:
        known = tx.workspaces.list()
        if known:
            return known[0].id
        workspace = Workspace(self.runtime.id(), "Main", now)
        tx.workspaces.set(workspace)
        tx.workspaces.set_setting(workspace.id, SIGHT_DERIVED, "")
        begin(tx, workspace.id, self.settings.raw_retention_days)
        return workspace.id

    def _client(self, row: Connection, connector: Connector, given: Mapping[str, str]) -> Client:
        """Of a connection that is kept; all processes share its consent."""
        timeout = self.settings.request_timeout
        return self._made(row, connector, given, Kept(self.store, self.runtime, row.workspace, row.id, timeout))

    def _probe(self, row: Connection, connector: Connector, given: Mapping[str, str]) -> Client:
        """To try credentials that are not kept yet."""
        return self._made(row, connector, given, Held())

    def _made(self, row: Connection, connector: Connector, given: Mapping[str, str], keeper: Keeper) -> Client:
        def observed(seen: Observation) -> None:
            self.worker.observed(row.id, seen)
            self.shapes.heard(row.id, seen)
            self.metrics.request(row.system, seen)
            now = self.connections.known(row.id)
            self.trail.note_request(now.row if now else row, seen, kinds_of(connector, seen.endpoint))
            self.metrics.answered(row.id, list_of(connector, seen.endpoint), 0 < seen.status < 400)

        return Client(
            connector,
            self.runtime.transport,
            base_url=row.base_url,
            settings={name: str(value) for name, value in row.settings.items()},
            secrets=given,
            now=self.runtime.now,
            timeout=self.settings.request_timeout,
            allowed_hosts=self.settings.allowed_hosts,
            on_request=observed,
            on_page=lambda reads, items: self.shapes.page(row.id, connector, reads, items),
            keeper=keeper,
        )

    def _name_of(self, connection: str) -> str:
        at = self.connections.known(connection)
        return at.row.name if at is not None else connection

    def _reaction(self) -> React:
        scored, news, rules = reaction(self.connections), told(self.connections), ruled(self.connections)
        held, moving = asked(), interviews()
        return lambda before, planned, live: [
            *scored(before, planned, live), *followed(before, planned, live), *news(before, planned, live),
            *moved(before, planned, live),
            *rules(before, planned, live),
            *marked(before, planned, live), *decided(before, planned, live),
            *held(before, planned, live), *moving(before, planned, live),
        ]  # fmt: skip

    def _wake(self) -> None:
        self.worker.wake()

    def _reload(self) -> None:
        self.worker.reload()

    def _pinged(self, connection: str) -> None:
        log.info("webhooks arrive", connection=connection)

    def _lost(self, what: str) -> None:
        self.metrics.lost(what)
        log.info("lease lost", what=what)

    def _failed(self, what: str, error: Exception) -> None:
        """Something nobody foresaw. Logged by its kind and place; values never are."""
        self.metrics.failure(what)
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        log.error("work failed", what=what, error=type(error).__name__, place=place)

    async def _seal(self, _task: object) -> float:
        await self.trail.flush()
        while await self.store.write(lambda tx: tx.audit.seal()):
            pass
        return SEAL_EVERY

    async def _tidy(self, _task: object) -> float:
        now = self.runtime.now()

        def unit(tx: Tx) -> int:
            bodies = next(one.days or 0 for one in in_force(tx, self.workspace) if one.kind == "payload")
            tx.inbox.expire(bodies=now - timedelta(days=bodies), entries=now - timedelta(days=30))
            tx.people.expire(now=now)
            tx.traces.expire(before=now - TRACED)
            tx.tools.expire(now=now)
            self.subscribers.expire(tx, self.workspace, now)
            tx.model_calls.expire(self.workspace, before=now - CALLED)
            tx.lookups.expire(self.workspace, before=now - CALLED)
            tx.indexed.expire(now=now)
            self.bulk.ask_again(tx, now)
            return tx.stored.expire(now=now)

        while await self.store.write(unit):
            pass
        return TIDY_EVERY


# ------------------------------------------------------------------------------------------------------ making an App


@asynccontextmanager
async def running(settings: Settings, *, transport: Transport | None = None, work: bool = True) -> AsyncGenerator[App]:
    """An App that is started, and stopped cleanly at the end."""
    app = make(settings, transport=transport)
    try:
        await app.start(work=work)
        yield app
    finally:
        await app.stop()


def make(settings: Settings, *, transport: Transport | None = None) -> App:
    """Wire an App from its settings. ConfigurationError says what is wrong with them."""
    wanted = traces_wanted()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = open_store(
        settings.database_url,
        master=master_keys(settings),
        files=settings.data / "files",
        audit=ARITHMETIC,
        idle=settings.lease / 3,
    )
    runtime = Runtime(transport or AiohttpTransport())
    if wanted:
        runtime.traces.use(exported(version("bascule")))
    app = App(settings, store, runtime)
    app.doubles.weigh = sweeper()
    return app
