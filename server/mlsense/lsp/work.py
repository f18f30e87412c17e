"""What runs on the analysis thread."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from pygls.uris import to_fs_path

from mlsense.configuration import NO_CHOICES, analysis_settings, of_table
from mlsense.environment import Environment
from mlsense.syntax import notebook_of_cells, script

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from mlsense.analysis import Analyser, Report
    from mlsense.configuration import Choices, Known
    from mlsense.environment.table import Table
    from mlsense.knowledge.versions import Versions
    from mlsense.lsp.session import OpenCell, OpenDocument
    from mlsense.lsp.settings import Preferences
    from mlsense.syntax import Document


class Task(NamedTuple):
    """A document to analyse, and how; `texts` are those of all open scripts, by `same_file`."""

    document: OpenDocument
    preferences: Preferences
    texts: Mapping[str, str]


class Work:
    """Analyses tasks with one analyser, which is made by the thread that uses it, when it is first needed.

    `make_analyser` is given the texts of open scripts: they are always those of the task at hand. `rules` gives the
    options of every rule.
    """

    def __init__(self, make_analyser: Callable[[Mapping[str, str]], Analyser], rules: Callable[[], Known]) -> None:
        self._make_analyser = make_analyser
        self._rules = rules
        self._analyser: Analyser | None = None
        self._texts: dict[str, str] = {}
        self._environment = Environment()
        self._versions: Versions | None = None
        self.folders: tuple[str, ...] = ()
        """Where the libraries are that the last task was analysed with."""
        self._table: Table | None = None
        self._choices = NO_CHOICES
        self.complaints: tuple[str, tuple[str, ...]] = ("", ())
        """The `pyproject.toml` that counted for the last task, and what in it could not be used."""

    def __call__(self, task: Task, cancelled: Callable[[], bool]) -> Report:
        """The report on a task. Raises what the analysis raises, also when `cancelled` turns true."""
        path = path_of(task.document.uri)
        versions = self._environment.versions(path)
        if versions is not self._versions:
            self._versions, self.folders = versions, self._environment.folders(path)
        settings = analysis_settings(task.preferences.choices.over(self._project(path)), versions)
        self._texts.clear()
        self._texts.update(task.texts)
        try:
            return self.load().analyse(to_document(task.document), settings, cancelled)
        except Exception:
            if not cancelled():
                # What the analyser remembers may have been the cause, and must not be the cause again.
                self.forget(task.document)
            raise

    def _project(self, path: str) -> Choices:
        """What the project of a file chooses."""
        table = self._environment.table(path)
        if table is not self._table:
            self._table = table
            self._choices, lines = (
                (NO_CHOICES, ()) if table is None else of_table(table, self._rules(), _shown(table.file))
            )
            self.complaints = ("" if table is None else table.file, lines)
        return self._choices

    def load(self) -> Analyser:
        """The analyser, made now if it is not there yet."""
        if self._analyser is None:
            self._analyser = self._make_analyser(self._texts)
        return self._analyser

    def select(self, interpreter: str | None) -> None:
        """The libraries of this interpreter count from here on; None: those that seem to be the project's."""
        self._environment = Environment(interpreter)

    def refresh(self) -> None:
        """Libraries may have been installed, or pins changed."""
        self._environment.refresh()

    def forget(self, document: OpenDocument) -> None:
        """Drop what the analyser keeps of a document that was closed."""
        if self._analyser is not None:
            self._analyser.forget(path_of(document.uri))


def to_document(document: OpenDocument) -> Document:
    """An open document as the analysis takes it, its cells at the same indices."""
    path = path_of(document.uri)
    if document.kind == "script":
        return script(path, document.cells[0].source)
    return notebook_of_cells(path, [(_kind(cell), cell.source, cell.execution_count) for cell in document.cells])


@lru_cache(maxsize=4)
def opened(document: OpenDocument) -> Document:
    """As `to_document`, for requests: finding the magics of all cells takes longer than most else they do."""
    return to_document(document)


def path_of(uri: str) -> str:
    """The path of a file, or what comes nearest to one in another URI."""
    return to_fs_path(uri) or unquote(urlsplit(uri).path) or uri


def _shown(file: str) -> str:
    """A file with its folder: all that a notification has room for."""
    return "/".join(Path(file).parts[-2:])


def _kind(cell: OpenCell) -> Literal["code", "markdown", "other"]:
    if cell.kind == "markdown":
        return "markdown"
    return "code" if cell.kind == "code" and cell.is_python else "other"
