"""`mlsense check`: look for mistakes in scripts and notebooks."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator

    from mlsense.analysis import Coverage, Settings
    from mlsense.cli.problem import Problem
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
        "be checked, or an internal error.",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: this folder)")
    parser.add_argument("--select", action="append", metavar="RULE[,RULE...]", help="only these rules")
    parser.add_argument("--ignore", action="append", metavar="RULE[,RULE...]", help="all but these rules")
    parser.add_argument("--output-format", choices=("text", "json"), default="text", help="default: text")
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class _Checked:
    """What is kept of a file that was checked: each finding as it will be written."""

    findings: tuple[Any, ...]
    severities: tuple[Severity, ...]
    coverage: Coverage


def run(arguments: argparse.Namespace) -> int:
    """Check what the arguments name, write what was found and return the exit code."""
    from mlsense.cli import EXIT_CLEAN, EXIT_FAILURE, EXIT_FINDINGS
    from mlsense.cli.discover import discover
    from mlsense.cli.json_output import finding_json, report_json
    from mlsense.cli.problem import Problem
    from mlsense.cli.progress import ProgressBar
    from mlsense.cli.terminal import Style
    from mlsense.cli.text_output import finding_text, summary_text
    from mlsense.rules.finding import Severity

    settings = _settings(arguments)
    if isinstance(settings, str):
        _complain(f"mlsense: {settings}")
        return EXIT_FAILURE
    found = discover(arguments.paths or [os.curdir])
    for problem in found.problems:
        _complain(str(problem))
    for folder in found.empty:
        _complain(f"no Python files or notebooks under {folder}")

    as_json = arguments.output_format == "json"
    style = Style.of(sys.stdout, os.environ)

    def text(document: Document, finding: Finding) -> str:
        return finding_text(document, finding, style)

    checked: list[_Checked] = []
    not_checked = len(found.problems)
    progress = ProgressBar(len(found.files), sys.stderr)
    try:
        for outcome in _outcomes(found.files, settings, finding_json if as_json else text):
            if isinstance(outcome, Problem):
                not_checked += 1
                with progress.aside():
                    _complain(str(outcome))
            else:
                checked.append(outcome)
                if outcome.findings and not as_json:
                    with progress.aside():
                        for finding in outcome.findings:
                            print(finding)
                        sys.stdout.flush()
            progress.advance()
    finally:
        progress.close()

    statements = sum(file.coverage.statements for file in checked)
    unfollowed = sum(file.coverage.unfollowed for file in checked)
    severities = [severity for file in checked for severity in file.severities]
    if as_json:
        findings = [finding for file in checked for finding in file.findings]
        print(report_json(findings, len(checked), statements, unfollowed))
    elif checked or not_checked:
        files_with_findings = sum(bool(file.findings) for file in checked)
        print(
            summary_text(severities, files_with_findings, len(checked), not_checked, statements, unfollowed)
        )
    if not_checked:
        return EXIT_FAILURE
    grave = Severity.ERROR in severities or Severity.WARNING in severities
    return EXIT_FINDINGS if grave else EXIT_CLEAN


def _outcomes(
    paths: Iterable[str], settings: Settings, written: Callable[[Document, Finding], Any]
) -> Iterator[_Checked | Problem]:
    """Each file checked, with its findings as `written` makes them; or why it could not be."""
    from mlsense.analysis import Analyser
    from mlsense.cli.problem import Problem, of_ours
    from mlsense.cli.read import read

    analyser = Analyser()
    for path in paths:
        try:
            document = read(path)
            if isinstance(document, Problem):
                yield document
                continue
            report = analyser.analyse(document, settings)
            outcome = _Checked(
                tuple(written(document, finding) for finding in report.findings),
                tuple(finding.severity for finding in report.findings),
                report.coverage,
            )
        except Exception as error:
            # A mistake of ours costs this file only; what the analyser kept of it may be half made.
            analyser = Analyser()
            if os.environ.get("MLSENSE_DEBUG"):
                import traceback

                traceback.print_exception(error)
            yield of_ours(path, error)
        else:
            yield outcome


def _settings(arguments: argparse.Namespace) -> Settings | str:
    """The settings that the arguments ask for, or what is wrong with them."""
    from mlsense.analysis import Settings

    if arguments.select is None and arguments.ignore is None:
        return Settings.of()
    from mlsense.cli.names import did_you_mean
    from mlsense.rules.registry import all_rules

    known = {rule.name for rule in all_rules()}
    chosen: dict[str, frozenset[str]] = {}
    for option in ("select", "ignore"):
        texts = getattr(arguments, option)
        if texts is None:
            continue
        names = [name.strip() for text in texts for name in text.split(",") if name.strip()]
        if not names:
            return f"--{option} needs the name of a rule. `mlsense rule` lists them."
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known) or " `mlsense rule` lists them."
                return f"there is no rule `{name}`.{hint}"
        chosen[option] = frozenset(names)
    return Settings.of(**chosen)


def _complain(line: str) -> None:
    from mlsense.cli.terminal import printable

    sys.stdout.flush()
    print(printable(line), file=sys.stderr, flush=True)
