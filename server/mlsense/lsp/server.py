"""The server: takes messages in, keeps the session, asks for analyses and publishes what they find.

Everything here runs on the event loop, which is the only writer to the client.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import FeatureNotificationError, JsonRpcException
from pygls.lsp.server import LanguageServer

import mlsense
from mlsense.environment.pins import PIN_FILES
from mlsense.lsp.client import Client, Surroundings, client_of, option, surroundings_of
from mlsense.lsp.notifications import NOTIFICATIONS
from mlsense.lsp.protocol import Protocol
from mlsense.lsp.publisher import Publisher
from mlsense.lsp.requests import REQUESTS
from mlsense.lsp.scheduler import AnalysisThread, Scheduler
from mlsense.lsp.session import Session, key_of
from mlsense.lsp.settings import SECTION, Preferences, preferences
from mlsense.lsp.snapshot import Snapshot
from mlsense.lsp.work import Task, Work, path_of
from mlsense.workers.process import Worker, WorkerError, command
from mlsense.workspace import DATA_SUFFIXES, same_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

    from mlsense.analysis import Analyser, Report
    from mlsense.configuration import Known
    from mlsense.knowledge.versions import Versions
    from mlsense.lsp.session import OpenDocument

logger = logging.getLogger(__name__)

SETTINGS_WAIT = 2.0
"""Seconds that analyses wait for the client to tell the settings, before they begin with the defaults."""
REPORT_WAIT = 2.0
"""Seconds that a request waits for a running analysis."""
STOP_WAIT = 2.0
"""Seconds that leaving waits for the analysis thread."""

NOTEBOOKS = types.NotebookDocumentSyncOptions(
    notebook_selector=[
        types.NotebookDocumentFilterWithNotebook(
            notebook=types.NotebookDocumentFilterNotebookType(notebook_type=kind),
            cells=[types.NotebookCellLanguage(language="python")],
        )
        for kind in ("jupyter-notebook", "interactive")
    ],
    save=True,
)

VERSIONS = "mlsense/versions"
"""Our notification of the versions in force: `libraries`, each with `name`, `version` or range, and `source`."""

_snapshot: ContextVar[Snapshot | None] = ContextVar("snapshot", default=None)


class Server(LanguageServer):
    """A language server for one client.

    `make_analyser` is called once, on the analysis thread, with the texts of open scripts, which it keeps up to date;
    `rules`, which gives the options of all rules by name, when settings are to be checked. `worker` answers what takes
    another process, which it starts when it is first asked.
    """

    protocol: Protocol

    def __init__(
        self,
        make_analyser: Callable[[Mapping[str, str]], Analyser],
        rules: Callable[[], Known],
        worker: Worker | None = None,
    ) -> None:
        super().__init__("mlsense", mlsense.__version__, notebook_document_sync=NOTEBOOKS, protocol_cls=Protocol)
        self.session = Session()
        self.client = Client()
        self.surroundings = Surroundings()
        self.preferences = Preferences()
        self._interpreter: str | None = None
        self._worker = worker or Worker(command())
        self._rules = rules
        self._thread = AnalysisThread()
        self._work = Work(make_analyser, rules)
        self.scheduler: Scheduler[Task, Report] = Scheduler(
            self._work, self._deliver, loop=asyncio.get_running_loop, run=self._thread.run
        )
        self._configured = asyncio.Event()
        self._pull: asyncio.Task[None] | None = None
        self._reports: dict[str, tuple[int, Report]] = {}
        self._publisher = Publisher(self.text_document_publish_diagnostics)
        self._texts: Mapping[str, str] = {}
        self._told: dict[str, Any] = {}
        self._watched: tuple[str, ...] = ()
        self._complaints: dict[str, tuple[str, ...]] = {}
        self._register()

    # Messages

    def _register(self) -> None:
        self.feature(types.INITIALIZE)(partial(_initialize, self))
        self.feature(types.SHUTDOWN)(partial(_leave, self))
        for notification in NOTIFICATIONS:
            self.feature(notification.METHOD)(partial(notification.handle, self))
        for request in REQUESTS:
            self.feature(request.METHOD, request.OPTIONS)(partial(_answer, request))

    def start(self, params: types.InitializeParams) -> None:
        """Learn what the client can do; pygls has agreed on the position encoding before."""
        self.client = client_of(params, self.workspace.position_encoding or "utf-16")
        self.surroundings = surroundings_of(params.initialization_options)
        interpreter = option(params.initialization_options, "interpreter")
        self._select(interpreter if isinstance(interpreter, str) else None)
        # While the client reads our capabilities.
        self._thread.run(self._work.load)
        settings = option(params.initialization_options, "settings")
        if self.client.configuration:
            asyncio.get_running_loop().call_later(SETTINGS_WAIT, self._begin)
        if settings is not None:
            self._use(settings)
        if not self.client.configuration:
            self._begin()

    def arrived(self, message: Any) -> None:
        """Take the snapshot for a request as it arrives.

        Its handler starts only when the messages that came along with it have been handled, edits among them.
        """
        uri = _uri_of(getattr(message, "params", None)) if hasattr(message, "id") else None
        _snapshot.set(self._look_up(uri) if uri is not None else None)

    def _look_up(self, uri: str) -> Snapshot | None:
        found = self.session.find(uri)
        if found is None:
            return None
        document, index = found
        report = self._report(document)
        _, latest = self._reports.get(document.key, (0, None))
        wait = partial(self._wait, document)
        ask = partial(self._ask, path_of(document.uri), self._interpreter)
        return Snapshot(
            self.client, self.preferences, document, index, report, latest, wait, ask, self._tells_of_python()
        )

    def _tells_of_python(self) -> bool:
        choice = self.preferences.python
        alone = self.surroundings.other_servers == frozenset()
        return self.surroundings.trusted and (choice == "on" or (choice == "auto" and alone))

    async def _ask(self, path: str, interpreter: str | None, method: str, params: dict[str, Any], limit: float) -> Any:
        """What the worker answers, None if it does not within `limit` seconds; it is not asked without trust."""
        if not self.surroundings.trusted:
            return None
        question = self._worker.ask(method, {**params, "path": path, "interpreter": interpreter})
        try:
            return await asyncio.wait_for(question, limit)
        except asyncio.TimeoutError:
            logger.info("no answer to `%s` within %s seconds", method, limit)
        except WorkerError as error:
            logger.info("no answer to `%s`: %s", method, error)
        return None

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Log a failure; pygls would show it to the user. pygls has logged what fails in a request."""
        if source is FeatureNotificationError:
            trace = error.data if isinstance(error, JsonRpcException) else None
            logger.error("%s\n%s", error, "".join(option(trace, "traceback") or ()))

    def shutdown(self) -> None:
        """Leave: the connection is gone."""
        super().shutdown()  # type: ignore[no-untyped-call]
        self._worker.stop()
        self.scheduler.stop()
        if not self._thread.stop(STOP_WAIT):
            logger.warning("the analysis did not stop in %s seconds", STOP_WAIT)

    def leave(self) -> None:
        """The client wants no more answers."""
        self.scheduler.stop()
        self._worker.stop()

    # Settings

    def listen_to_settings(self) -> None:
        """Ask the client to tell when the settings change: VS Code only tells those who ask."""
        if not self.client.configuration_registration:
            return
        registration = types.Registration(
            id=f"{SECTION}.settings",
            method=types.WORKSPACE_DID_CHANGE_CONFIGURATION,
            register_options=types.DidChangeConfigurationRegistrationOptions(section=SECTION),
        )
        self.client_register_capability(types.RegistrationParams([registration]))

    def load_settings(self, pushed: object = None) -> None:
        """Take over the settings: the client's answer where it can be asked, else what it pushed."""
        if self.client.configuration:
            if self._pull is not None:
                self._pull.cancel()
            self._pull = asyncio.ensure_future(self._pull_settings())
        elif pushed is not None:
            self._use(pushed)

    async def _pull_settings(self) -> None:
        item = types.ConfigurationItem(section=SECTION)
        try:
            sections = await asyncio.shield(self.workspace_configuration_async(types.ConfigurationParams([item])))
        except JsonRpcException as error:
            logger.warning("the client did not tell its settings: %s", error)
        else:
            self._use(sections[0] if sections else None)
        self._begin()

    def _use(self, section: object) -> None:
        chosen, complaints = preferences(section, self._rules())
        self._complain(SECTION, complaints)
        if chosen != self.preferences:
            self.preferences = chosen
            self._analyse_all()

    def _complain(self, source: str, complaints: tuple[str, ...]) -> None:
        """Tell the user what in a source of settings cannot be used: once, as long as it stays there."""
        told = self._complaints.pop(source, ())
        for complaint in complaints:
            if complaint not in told:
                self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"MLSense: {complaint}"))
        if complaints:
            self._complaints[source] = complaints

    def _begin(self) -> None:
        """The settings are known, or have been waited for long enough."""
        if not self._configured.is_set():
            self._configured.set()
            self._analyse_all()

    # Versions of libraries

    def select_interpreter(self, interpreter: str | None) -> None:
        """The user chose the interpreter whose libraries count."""
        self._select(interpreter)
        self._analyse_all()

    def _select(self, interpreter: str | None) -> None:
        self._interpreter = interpreter
        self._thread.run(partial(self._work.select, interpreter))

    def refresh_versions(self) -> None:
        """Files changed on which versions or settings rest. Many change at once: they wait for a pause."""
        self._thread.run(self._work.refresh)
        for document in self.session.documents():
            self.analyse(document, edited=True)

    def refresh_data(self) -> None:
        """Files of data changed: programs that read one of them are looked at again."""
        for document in self.session.documents():
            _, report = self._reports.get(document.key, (0, None))
            if report is None or report.reads_data:
                self.analyse(document, edited=True)

    def watch_files(self) -> None:
        """Ask the client to tell when a file of data or of pins changes, or an environment is made in the workspace."""
        if self.client.watching:
            patterns = (*PIN_FILES, "pyvenv.cfg", *(f"*{suffix}" for suffix in DATA_SUFFIXES))
            self._watch("files", [types.FileSystemWatcher(f"**/{pattern}") for pattern in patterns])

    def _watch_libraries(self, folders: tuple[str, ...]) -> None:
        """Ask the client to tell when a library is installed or removed."""
        if not self.client.watching_elsewhere or folders == self._watched:
            return
        if self._watched:
            unregistration = types.Unregistration(f"{SECTION}.libraries", types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
            self.client_unregister_capability(types.UnregistrationParams([unregistration]))
        self._watched = folders
        patterns = [types.RelativePattern(Path(folder).as_uri(), "*.dist-info") for folder in folders]
        if patterns:
            self._watch("libraries", [types.FileSystemWatcher(pattern) for pattern in patterns])

    def _watch(self, what: str, watchers: list[types.FileSystemWatcher]) -> None:
        registration = types.Registration(
            id=f"{SECTION}.{what}",
            method=types.WORKSPACE_DID_CHANGE_WATCHED_FILES,
            register_options=types.DidChangeWatchedFilesRegistrationOptions(watchers),
        )
        self.client_register_capability(types.RegistrationParams([registration]))

    def _tell(self, versions: Versions) -> None:
        """Tell the client the versions in force, if it wants to know and they are others than before."""
        libraries = [
            {"name": name, "version": found.version or found.specifier, "source": found.source}
            for name, found in versions.known()
        ]
        if self.client.versions and self._told != {"libraries": libraries}:
            self._told = {"libraries": libraries}
            self.protocol.notify(VERSIONS, self._told)

    # Analysis

    def analyse(self, document: OpenDocument, *, edited: bool = False) -> None:
        """Have a new version of a document analysed and its findings published."""
        self._publisher.clear(document.key, keep=document)
        self._adopt(document)
        self._note_text(document)
        if not self._configured.is_set() or not document.is_python:
            return
        if self.preferences.enable:
            self.scheduler.submit(document.key, self._task(document), edited=edited)
        else:
            self.scheduler.forget(document.key)
            self._reports.pop(document.key, None)
            self._publisher.publish((), document, document, self.client)

    def close(self, uri: str) -> None:
        """Drop a document and all that was said of it."""
        document = self.session.close(uri)
        if document is not None:
            self.scheduler.forget(document.key)
            self._reports.pop(document.key, None)
            self._publisher.clear(document.key)
            self._thread.run(partial(self._work.forget, document))
            self._note_text(document, closed=True)

    def _note_text(self, document: OpenDocument, closed: bool = False) -> None:
        """Files import the text that a script has in the editor, saved or not: those that do are looked at again."""
        if document.kind != "script":
            return
        path = path_of(document.uri)
        text = None if closed else document.cells[0].source.text
        key = same_file(path)
        if self._texts.get(key) == text:
            return
        self._texts = {other: kept for other, kept in self._texts.items() if other != key}
        if text is not None:
            self._texts = {**self._texts, key: text}
        for other in self.session.documents():
            _, report = self._reports.get(other.key, (0, None))
            unsure = report is None or report.rests_on(path) or other.key in self.scheduler.busy
            if other.key != document.key and unsure and self._configured.is_set() and self.preferences.enable:
                self.scheduler.submit(other.key, self._task(other), edited=True, typed=False)

    def _task(self, document: OpenDocument) -> Task:
        return Task(document, self.preferences, self._texts)

    def _adopt(self, document: OpenDocument) -> None:
        """Close the scripts that turn out to be cells: some clients open cells as texts of their own too."""
        for cell in document.cells:
            if key_of(cell.uri) != document.key:
                self.close(cell.uri)

    def analyse_others(self, uri: str) -> None:
        """A file changed on the disk: look again at all open documents but the one it is."""
        saved = self.session.document(uri)
        for document in self.session.documents():
            if document is not saved:
                self.analyse(document)

    def _analyse_all(self) -> None:
        for document in self.session.documents():
            self.analyse(document)

    def _deliver(self, task: Task, report: Report | None, error: Exception | None) -> None:
        document = task.document
        if report is None:
            logger.error("the analysis of %s, version %s, failed", document.uri, document.version, exc_info=error)
            self._reports.pop(document.key, None)
        else:
            self._reports[document.key] = (document.revision, report)
            self._tell(report.versions)
            self._watch_libraries(self._work.folders)
            self._complain(*self._work.complaints)
        current = self.session.document(document.uri)
        if current is not None:
            findings = report.findings if report is not None else ()
            self._publisher.publish(findings, document, current, self.client)

    def _report(self, document: OpenDocument) -> Report | None:
        revision, report = self._reports.get(document.key, (0, None))
        return report if revision == document.revision else None

    async def _wait(self, document: OpenDocument) -> Report | None:
        async def analysed() -> None:
            await self._configured.wait()
            await self.scheduler.settled(document.key)

        try:
            await asyncio.wait_for(analysed(), REPORT_WAIT)
        except asyncio.TimeoutError:
            logger.info("no report on %s within %s seconds", document.uri, REPORT_WAIT)
        return self._report(document)


def _initialize(server: Server, params: types.InitializeParams) -> None:
    server.start(params)
    server.protocol.initialized = True


def _leave(server: Server, _: None) -> None:
    server.leave()
    server.protocol.left = True


async def _answer(request: ModuleType, params: Any) -> Any:
    snapshot = _snapshot.get()
    if snapshot is None:
        return request.otherwise(params) if hasattr(request, "otherwise") else None
    return await request.answer(snapshot, params)


def _uri_of(params: Any) -> str | None:
    """The URI of the document that a request is about: it names it, or carries it in the data we gave it."""
    # Of requests of our own the members have the names that they have in JSON.
    document = getattr(params, "text_document", None) or getattr(params, "textDocument", None)
    uri = document.uri if document is not None else option(getattr(params, "data", None), "uri")
    return uri if isinstance(uri, str) else None
