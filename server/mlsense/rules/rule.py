"""What a rule is: its name, its documentation, its examples and the check, all in one value."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlsense.rules.finding import Finding, Fix, Location, Related, Severity
from mlsense.rules.following import FOLLOWED
from mlsense.rules.ideas import IDEAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mlsense.rules.option import Option, Value
    from mlsense.semantics.program import Trace

PAGES = "https://github.com/mlsense/mlsense/blob/main/docs/rules"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a check yields: a finding without what its rule adds. `severity` None: the rule's own."""

    message: str
    location: Location
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    severity: Severity | None = None


@dataclass(frozen=True)
class Rule:
    """A mistake the product finds.

    `bad` and `good` are whole scripts that run; in `bad` a trailing `# <- name` marks each line that is reported.
    `raises` names the exceptions in one of which a bad script ends; without any it runs to its end. A rule that is not
    `recommended` speaks only to those who select it, give it a severity or choose another preset. `options` are handed
    to `check` by name. `idea` is that of the family where it is empty.
    """

    name: str
    family: str
    severity: Severity
    summary: str
    finds: str
    matters: str
    silent: str
    repair: str
    bad: tuple[str, ...]
    good: tuple[str, ...]
    check: Callable[..., Iterable[Draft]] = field(repr=False, compare=False)
    references: tuple[str, ...] = ()
    raises: tuple[str, ...] = ()
    recommended: bool = True
    options: tuple[Option, ...] = ()
    idea: str = ""

    @property
    def lesson(self) -> str:
        """A sentence on the idea behind it, for someone who meets it for the first time."""
        return self.idea or IDEAS.get(self.family, "")

    @property
    def url(self) -> str:
        return f"{PAGES}/{self.name}.md"

    @property
    def _usually(self) -> str:
        return "" if self.recommended else "; off unless you select it, set its severity or choose the preset `all`"

    def findings(self, trace: Trace, options: Mapping[str, Value] | None = None) -> Iterable[Finding]:
        """The check's drafts as findings, one per place; `options` are those that differ from their defaults."""
        seen: set[Location] = set()
        for draft in self.check(
            trace, **{option.name: option.default for option in self.options} | dict(options or {})
        ):
            if draft.location in seen:
                continue
            seen.add(draft.location)
            severity = draft.severity or self.severity
            yield Finding(
                self.name,
                self.family,
                severity,
                draft.message,
                draft.location,
                draft.related,
                draft.fix,
                self.url,
            )

    def page(self) -> str:
        """The documentation as Markdown: the page in `docs/rules`, the editor's and `mlsense rule NAME`."""
        parts = [
            f"# {self.name}",
            f"{self.summary}\n\nFamily: {self.family}. Severity: {self.severity.value}{self._usually}.",
            f"## What it finds\n\n{_prose(self.finds)}",
            f"## Why it matters\n\n{_prose(self.matters)}",
            f"## Bad\n\n{_code(self.bad[0])}",
            f"## Good\n\n{_code(self.good[0])}",
            f"## When it stays silent\n\n{_prose(self.silent)}",
            *([_prose(FOLLOWED[self.family])] if self.family in FOLLOWED else []),
            f"## The fix, and how safe it is\n\n{_prose(self.repair)}",
            f"## Settings\n\n{self._settings()}",
        ]
        if self.references:
            parts.append("## References\n\n" + "\n".join(f"- {reference}" for reference in self.references))
        return "\n\n".join(parts) + "\n"

    def _settings(self) -> str:
        places = (
            f'In VS Code: `"mlsense.rules": {{"{self.name}": "off"}}`, or any of `error`, `warning`, `information`, '
            f'`hint`. In `pyproject.toml`: `{self.name} = "off"` under `[tool.mlsense.rules]`. On one line: '
            f"`# mlsense: ignore[{self.name}] reason`. In a whole file: `# mlsense: ignore-file[{self.name}] reason`. "
            f"On the command line: `mlsense check --ignore {self.name}`."
        )
        if not self.options:
            return places
        listed = [
            f"- `{option.name}`, {option.takes}, {json.dumps(option.default)} if not set: {option.description}"
            for option in self.options
        ]
        values = ", ".join(f"{option.name} = {json.dumps(option.default)}" for option in self.options)
        return "\n\n".join(
            [
                places,
                "Options:",
                "\n".join(listed),
                f'In `pyproject.toml`: `{self.name} = {{ severity = "{self.severity.value}", {values} }}`; in VS Code '
                "the same as a JSON object.",
            ]
        )


def example(text: str) -> str:
    """An example as it stands in a rule's file, without the indentation it has there."""
    return textwrap.dedent(text).strip("\n") + "\n"


def _prose(text: str) -> str:
    paragraphs = textwrap.dedent(text).strip().split("\n\n")
    return "\n\n".join(part if part.startswith(("-", "|")) else " ".join(part.split()) for part in paragraphs)


def _code(text: str) -> str:
    return f"```python\n{text.strip()}\n```"
