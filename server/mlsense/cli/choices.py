"""What `mlsense check` is asked for, on the command line and in each project's `pyproject.toml`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mlsense.configuration import NO_CHOICES, PRESETS, Choices, analysis_settings, of_table

if TYPE_CHECKING:
    import argparse

    from mlsense.analysis import Settings
    from mlsense.environment import Environment
    from mlsense.environment.table import Table


def choices_of(arguments: argparse.Namespace) -> Choices | str:
    """What the arguments choose, or what is wrong with them."""
    select = _rules("--select", arguments.select)
    ignore = _rules("--ignore", arguments.ignore)
    if isinstance(select, str):
        return select
    if isinstance(ignore, str):
        return ignore
    preset = next((preset for preset in PRESETS if preset == arguments.preset), None)
    if preset is None and arguments.preset is not None:
        from mlsense.cli.names import did_you_mean

        hint = did_you_mean(arguments.preset, PRESETS) or f" There are {', '.join(PRESETS)}."
        return f"there is no preset `{arguments.preset}`.{hint}"
    return Choices(preset, select, ignore or frozenset())


class ProjectSettings:
    """The settings for each file: what is `given`, over what its project says."""

    def __init__(self, given: Choices, environment: Environment) -> None:
        self._given = given
        self._environment = environment
        self._read: dict[Table, Choices] = {}
        self.complaints: list[str] = []
        """A line for each value in the projects' settings that could not be used."""

    def of(self, path: str) -> Settings:
        """The settings for the file at a path."""
        table = self._environment.table(path)
        project = NO_CHOICES if table is None else self._choices(table)
        return analysis_settings(self._given.over(project), self._environment.versions(path))

    def _choices(self, table: Table) -> Choices:
        if table not in self._read:
            from mlsense.rules.registry import all_rules

            known = {rule.name: rule.options for rule in all_rules()}
            self._read[table], complaints = of_table(table, known, _shown(table.file))
            self.complaints += complaints
        return self._read[table]


def _shown(file: str) -> str:
    """The path from here, if it is below."""
    try:
        relative = os.path.relpath(file)
    except ValueError:  # another drive
        return file
    return file if relative.startswith(os.pardir) else relative


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
