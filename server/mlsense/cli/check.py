"""`mlsense check`: look for mistakes in scripts and notebooks."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from mlsense.analysis import Analyser, CallCoverage, Coverage, Settings
    from mlsense.environment import Environment
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
        "be read or parsed, or an internal error.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this folder)")
    parser.add_argument("--select", action="append", metavar="RULE[,RULE...]", help="only these rules")
    parser.add_argument("--ignore", action="append", metavar="RULE[,RULE...]", help="all but these rules")
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
    from mlsense.cli.discover import discover
    from mlsense.environment import Environment
    from mlsense.rules.finding import Severity

    settings = _settings(arguments)
    if isinstance(settings, str):
        _complain(f"mlsense: {settings}")
        return EXIT_FAILURE
    if arguments.python is not None and not os.path.exists(arguments.python):
        _complain(f"mlsense: --python: there is no {arguments.python}")
        return EXIT_FAILURE
    environment = Environment(arguments.python)
    found = discover(arguments.paths or [os.curdir])
    for problem in found.problems:
        _complain(str(problem))
    for folder in found.empty:
        _complain(f"no Python files or notebooks under {folder}")
    begin = time.process_time()
    if arguments.output_format == "json":
        outcomes = _check_to_json(found.files, settings, environment, arguments.statistics)
    else:
        outcomes = _check_to_text(found.files, settings, environment, arguments.statistics, len(found.problems))
    if arguments.statistics:
        from mlsense.cli.statistics import statistics_text

        coverages = [outcome.coverage for outcome in outcomes if outcome.coverage is not None]
        calls = [outcome.calls for outcome in outcomes if outcome.calls is not None]
        stream = sys.stderr if arguments.output_format == "json" else sys.stdout
        print(statistics_text(coverages, calls, time.process_time() - begin), file=stream)
    if found.problems or any(outcome.complaint is not None for outcome in outcomes):
        return EXIT_FAILURE
    severities = {severity for outcome in outcomes for severity in outcome.severities}
    return EXIT_FINDINGS if severities & {Severity.ERROR, Severity.WARNING} else EXIT_CLEAN


def _check_to_json(
    paths: Sequence[str], settings: Settings, environment: Environment, statistics: bool
) -> list[_Outcome]:
    from mlsense.cli.json_output import finding_json, report_json

    outcomes = list(_outcomes(paths, settings, environment, statistics, finding_json))
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    print(report_json(findings, *_coverage(outcomes)))
    return outcomes


def _check_to_text(
    paths: Sequence[str], settings: Settings, environment: Environment, statistics: bool, problems: int
) -> list[_Outcome]:
    from mlsense.cli.terminal import Style
    from mlsense.cli.text_output import finding_text, summary_text

    style = Style.of(sys.stdout, os.environ)

    def written(document: Document, finding: Finding) -> str:
        return finding_text(document, finding, style)

    outcomes = list(_outcomes(paths, settings, environment, statistics, written, show=print))
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
    settings: Settings,
    environment: Environment,
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
    try:
        for path in paths:
            try:
                here = replace(settings, versions=environment.versions(path))
                outcome = _checked(path, analyser, here, statistics, written)
            except Exception as error:
                # A mistake of ours costs this file only; what the analyser kept of it may be half made.
                analyser = Analyser(workspace)
                outcome = _failed(path, error)
            with progress.aside():
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


def _settings(arguments: argparse.Namespace) -> Settings | str:
    """The settings that the arguments ask for, or what is wrong with them."""
    from mlsense.analysis import Settings

    select = _rules("--select", arguments.select)
    ignore = _rules("--ignore", arguments.ignore)
    if isinstance(select, str):
        return select
    if isinstance(ignore, str):
        return ignore
    return Settings.of(select=select, ignore=ignore or ())


def _rules(option: str, texts: list[str] | None) -> frozenset[str] | str | None:
    """The rules that an option names, or what is wrong with it; None if it is not given."""
    if texts is None:
        return None
    from mlsense.rules.registry import all_rules

    names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    if not names:
        return f"{option} needs the name of a rule. `mlsense rule` lists them."
    known = {rule.name for rule in all_rules()}
    for name in names:
        if name not in known:
            from mlsense.cli.names import did_you_mean

            hint = did_you_mean(name, known) or " `mlsense rule` lists them."
            return f"there is no rule `{name}`.{hint}"
    return frozenset(names)


def _complain(line: str) -> None:
    from mlsense.cli.terminal import printable

    sys.stdout.flush()
    print(printable(line), file=sys.stderr, flush=True)
