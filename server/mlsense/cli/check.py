"""`mlsense check`: look for mistakes in scripts and notebooks."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mlsense.analysis import Analyser, CallCoverage, Coverage, Settings
    from mlsense.cli.choices import ProjectSettings
    from mlsense.rules.finding import Finding, Severity
    from mlsense.syntax import Document


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser(
        "check",
        help="look for mistakes in scripts and notebooks",
        description="Looks for mistakes in .py and .ipynb files. In folders, what git ignores, hidden files "
        "and folders, and virtual environments are skipped; a file that is named is always checked.",
        epilog="Exit code 0: nothing at warning or above. 1: findings. 2: bad usage, a file that could not "
        "be read or parsed, wrong settings in pyproject.toml, or an internal error.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this folder)")
    parser.add_argument("--select", action="append", metavar="RULE[,RULE...]", help="only these rules")
    parser.add_argument("--ignore", action="append", metavar="RULE[,RULE...]", help="all but these rules")
    parser.add_argument(
        "--preset",
        metavar="NAME",
        help="recommended (default), all, or teaching: all, and each finding begins with the idea behind it",
    )
    parser.add_argument(
        "--python",
        metavar="PATH",
        help="the interpreter, or the folder of its environment, whose libraries count (default: the environment that "
        "is active, else .venv or venv in the project); it is not run",
    )
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="default: text")
    parser.add_argument(
        "--statistics",
        action="store_true",
        help="say how much was followed and how long it took (on standard error if the output is JSON)",
    )
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is kept of a file: the findings as they will be written, and a line on what could not be checked.

    `coverage` is None where nothing of the file could be.
    """

    coverage: Coverage | None = None
    findings: tuple[Any, ...] = ()
    severities: tuple[Severity, ...] = ()
    complaint: str | None = None
    calls: CallCoverage | None = None


def run(arguments: argparse.Namespace) -> int:
    """Check what the arguments name, write what was found and return the exit code."""
    from mlsense.cli import EXIT_CLEAN, EXIT_FAILURE, EXIT_FINDINGS
    from mlsense.cli.choices import ProjectSettings, choices_of
    from mlsense.cli.discover import discover
    from mlsense.environment import Environment
    from mlsense.rules.finding import Severity

    given = choices_of(arguments)
    if isinstance(given, str):
        _complain(f"mlsense: {given}")
        return EXIT_FAILURE
    if arguments.python is not None and not os.path.exists(arguments.python):
        _complain(f"mlsense: --python: there is no {arguments.python}")
        return EXIT_FAILURE
    settings = ProjectSettings(given, Environment(arguments.python))
    found = discover(arguments.paths or [os.curdir])
    for problem in found.problems:
        _complain(str(problem))
    for folder in found.empty:
        _complain(f"no Python files or notebooks under {folder}")
    begin = time.process_time()
    if arguments.output_format == "json":
        outcomes = _check_to_json(found.files, settings, arguments.statistics)
    else:
        outcomes = _check_to_text(found.files, settings, arguments.statistics, len(found.problems))
    if arguments.statistics:
        from mlsense.cli.statistics import statistics_text

        coverages = [outcome.coverage for outcome in outcomes if outcome.coverage is not None]
        calls = [outcome.calls for outcome in outcomes if outcome.calls is not None]
        stream = sys.stderr if arguments.output_format == "json" else sys.stdout
        print(statistics_text(coverages, calls, time.process_time() - begin), file=stream)
    if found.problems or settings.complaints or any(outcome.complaint is not None for outcome in outcomes):
        return EXIT_FAILURE
    severities = {severity for outcome in outcomes for severity in outcome.severities}
    return EXIT_FINDINGS if severities & {Severity.ERROR, Severity.WARNING} else EXIT_CLEAN


def _check_to_json(paths: Sequence[str], settings: ProjectSettings, statistics: bool) -> list[_Outcome]:
    from mlsense.cli.json_output import finding_json, report_json

    outcomes = list(_outcomes(paths, settings, statistics, finding_json))
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    print(report_json(findings, *_coverage(outcomes)))
    return outcomes


def _check_to_text(paths: Sequence[str], settings: ProjectSettings, statistics: bool, problems: int) -> list[_Outcome]:
    from mlsense.cli.terminal import Style
    from mlsense.cli.text_output import finding_text, summary_text

    style = Style.of(sys.stdout, os.environ)

    def written(document: Document, finding: Finding) -> str:
        return finding_text(document, finding, style)

    outcomes = list(_outcomes(paths, settings, statistics, written, show=print))
    if outcomes or problems:
        files, statements, unfollowed = _coverage(outcomes)
        severities = [severity for outcome in outcomes for severity in outcome.severities]
        files_with_findings = sum(bool(outcome.findings) for outcome in outcomes)
        not_checked = problems + len(outcomes) - files
        print(summary_text(severities, files_with_findings, files, not_checked, statements, unfollowed))
    return outcomes


def _coverage(outcomes: Iterable[_Outcome]) -> tuple[int, int, int]:
    """How many files were checked, how many statements they have, how many of these were not followed."""
    coverages = [outcome.coverage for outcome in outcomes if outcome.coverage is not None]
    statements = sum(coverage.statements for coverage in coverages)
    return len(coverages), statements, sum(coverage.unfollowed for coverage in coverages)


def _outcomes(
    paths: Sequence[str],
    settings: ProjectSettings,
    statistics: bool,
    written: Callable[[Document, Finding], Any],
    show: Callable[[Any], None] | None = None,
) -> Iterator[_Outcome]:
    """Check each file, `show` its findings as `written` makes them, complain of what cannot be checked."""
    from mlsense.analysis import Analyser
    from mlsense.cli.progress import ProgressBar
    from mlsense.workspace import Folder

    workspace = Folder()
    analyser = Analyser(workspace)
    progress = ProgressBar(len(paths), sys.stderr)
    told = 0
    try:
        for path in paths:
            try:
                outcome = _checked(path, analyser, settings.of(path), statistics, written)
            except Exception as error:
                # A mistake of ours costs this file only; what the analyser kept of it may be half made.
                analyser = Analyser(workspace)
                outcome = _failed(path, error)
            with progress.aside():
                while told < len(settings.complaints):
                    _complain(settings.complaints[told])
                    told += 1
                if outcome.complaint is not None:
                    _complain(outcome.complaint)
                if show is not None and outcome.findings:
                    for finding in outcome.findings:
                        show(finding)
                    sys.stdout.flush()
            yield outcome
            progress.advance()
    finally:
        progress.close()


def _checked(
    path: str,
    analyser: Analyser,
    settings: Settings,
    statistics: bool,
    written: Callable[[Document, Finding], Any],
) -> _Outcome:
    from mlsense.cli.problem import Problem
    from mlsense.cli.read import broken_statements, read

    document = read(path)
    if isinstance(document, Problem):
        return _Outcome(complaint=str(document))
    report = analyser.analyse(document, settings)
    return _Outcome(
        report.coverage,
        tuple(written(document, finding) for finding in report.findings),
        tuple(finding.severity for finding in report.findings),
        broken_statements(document) if report.coverage.unfollowed else None,
        report.calls() if statistics else None,
    )


def _failed(path: str, error: Exception) -> _Outcome:
    from mlsense.cli.problem import of_ours

    if os.environ.get("MLSENSE_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return _Outcome(complaint=str(of_ours(path, error)))


def _complain(line: str) -> None:
    from mlsense.cli.terminal import printable

    sys.stdout.flush()
    print(printable(line), file=sys.stderr, flush=True)
