"""`mlsense rule`: what the rules find, and why."""

from __future__ import annotations

import os
import sys
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mlsense.cli.terminal import Style
    from mlsense.rules.rule import Rule


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the subcommand."""
    parser = commands.add_parser(
        "rule",
        help="print the page of a rule, or list all rules",
        description="Prints the page of a rule: what it finds, why it matters, examples. Without a name, "
        "lists all rules.",
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="the rule, such as fit-before-split")
    parser.add_argument("--json", action="store_true", help="list as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one rule or all; 2 if there is none of that name."""
    from mlsense.cli import EXIT_CLEAN, EXIT_FAILURE
    from mlsense.cli.terminal import Style
    from mlsense.rules.registry import all_rules

    rules = all_rules()
    if arguments.name is not None:
        rules = tuple(rule for rule in rules if rule.name == arguments.name)
        if not rules:
            from mlsense.cli.names import did_you_mean

            hint = did_you_mean(arguments.name, [rule.name for rule in all_rules()])
            hint = hint or " `mlsense rule` lists them."
            print(f"mlsense: there is no rule `{arguments.name}`.{hint}", file=sys.stderr)
            return EXIT_FAILURE
    if arguments.json:
        _print_json(rules)
    elif arguments.name is None:
        print(_listed(rules, Style.of(sys.stdout, os.environ)))
    else:
        _print_page(rules[0].page())
    return EXIT_CLEAN


def _print_json(rules: Sequence[Rule]) -> None:
    import json

    listed = [
        {
            "name": rule.name,
            "family": rule.family,
            "severity": rule.severity.value,
            "summary": rule.summary,
            "url": rule.url,
        }
        for rule in rules
    ]
    print(json.dumps(listed, indent=2))


def _print_page(markdown: str) -> None:
    """The page as it is, for other programs; on a terminal, typeset."""
    if not sys.stdout.isatty():
        print(markdown.rstrip())
        return
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(file=sys.stdout)
    console.print(Markdown(markdown, hyperlinks=False), width=min(console.width, 100))


def _listed(rules: Sequence[Rule], style: Style) -> str:
    from mlsense.cli.text_output import wrapped

    names = max((len(rule.name) for rule in rules), default=0)
    severities = max((len(rule.severity.value) for rule in rules), default=0)
    lines: list[str] = []
    for family, members in groupby(sorted(rules, key=_order), key=_family):
        lines += ["", style.paint(family, "1")] if lines else [style.paint(family, "1")]
        for rule in members:
            head = f"  {rule.name:{names}}  {rule.severity.value:{severities}}  "
            lines.append(head + wrapped(rule.summary, style, len(head), len(head)))
    return "\n".join(lines)


def _order(rule: Rule) -> tuple[str, str]:
    return rule.family, rule.name


def _family(rule: Rule) -> str:
    return rule.family
