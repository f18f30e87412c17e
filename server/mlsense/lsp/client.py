"""What the client can do, read once from its `initialize` request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pygls.capabilities import get_capability

from mlsense.text import Encoding

if TYPE_CHECKING:
    from lsprotocol import types

OPEN_RULE_PAGE = "mlsense.openRulePage"
"""The command that shows a rule's page; its arguments are the rule's name and the address of its page."""


@dataclass(frozen=True, slots=True)
class Client:
    """The abilities of the client that the server's answers depend on."""

    encoding: Encoding = Encoding.UTF16
    related_information: bool = False
    document_changes: bool = False
    markdown: bool = True
    configuration: bool = False
    configuration_registration: bool = False
    commands: frozenset[str] = frozenset()


def client_of(params: types.InitializeParams, encoding: str) -> Client:
    """What `initialize` says of the client; `encoding` is the position encoding agreed on."""

    def can(capability: str) -> bool:
        return bool(get_capability(params.capabilities, capability, False))

    formats = get_capability(params.capabilities, "text_document.hover.content_format", None)
    return Client(
        encoding=Encoding(encoding),
        related_information=can("text_document.publish_diagnostics.related_information"),
        document_changes=can("workspace.workspace_edit.document_changes"),
        markdown=not formats or formats[0] == "markdown",
        configuration=can("workspace.configuration"),
        configuration_registration=can("workspace.did_change_configuration.dynamic_registration"),
        commands=frozenset(_commands(params.initialization_options)),
    )


def option(options: object, name: str) -> Any:
    """One member of `initializationOptions`, None where the client sent nothing of that name."""
    return options.get(name) if isinstance(options, Mapping) else None


def _commands(options: object) -> list[str]:
    commands = option(options, "commands")
    return [name for name in commands if isinstance(name, str)] if isinstance(commands, (list, tuple)) else []
