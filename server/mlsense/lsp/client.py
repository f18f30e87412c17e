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
INSERT_CELL = "mlsense.insertCell"
"""The command that puts a cell into a notebook: its URI, the index of the cell above the new one, the code."""
OPEN_FILE = "mlsense.openFile"
"""The command that shows a file that was just written, by its URI."""

_RESOURCE_OPERATIONS = "workspace.workspace_edit.resource_operations"


@dataclass(frozen=True, slots=True)
class CompletionAbilities:
    """What the client can do with an entry of a completion list."""

    snippets: bool = False
    markdown: bool = False
    commit_characters: bool = False
    label_details: bool = False
    deprecated: bool = False


@dataclass(frozen=True, slots=True)
class SignatureAbilities:
    """What the client can do with a signature."""

    markdown: bool = False
    label_offsets: bool = False
    active_parameter: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """The abilities of the client that the server's answers depend on.

    `previews`: it can show edits and ask before it makes them.
    `watching_elsewhere`: it watches files outside of the workspace, too. `versions`: it wants to be told which versions
    of libraries are in force.
    """

    encoding: Encoding = Encoding.UTF16
    related_information: bool = False
    document_changes: bool = False
    creates_files: bool = False
    previews: bool = False
    markdown: bool = True
    configuration: bool = False
    configuration_registration: bool = False
    watching: bool = False
    watching_elsewhere: bool = False
    versions: bool = False
    commands: frozenset[str] = frozenset()
    completion: CompletionAbilities = CompletionAbilities()
    signatures: SignatureAbilities = SignatureAbilities()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where the server finds itself. `trusted`: the user trusts the workspace, so that processes may work on it.

    `other_servers` are the other language servers for Python at work in the editor, None: the client does not say.
    """

    trusted: bool = True
    other_servers: frozenset[str] | None = None


def surroundings_of(options: object, before: Surroundings = Surroundings()) -> Surroundings:
    """What the client says of them in `trusted` and `otherPythonServers`; what it leaves out is as before."""
    trusted, others = option(options, "trusted"), option(options, "otherPythonServers")
    return Surroundings(
        trusted if isinstance(trusted, bool) else before.trusted,
        frozenset(map(str, others)) if isinstance(others, (list, tuple)) else before.other_servers,
    )


def client_of(params: types.InitializeParams, encoding: str) -> Client:
    """What `initialize` says of the client; `encoding` is the position encoding agreed on."""

    def can(capability: str) -> bool:
        return bool(get_capability(params.capabilities, capability, False))

    def prefers_markdown(capability: str, *, otherwise: bool) -> bool:
        formats = get_capability(params.capabilities, capability, None)
        return formats[0] == "markdown" if formats else otherwise

    item = "text_document.completion.completion_item"
    signature = "text_document.signature_help.signature_information"
    return Client(
        encoding=Encoding(encoding),
        related_information=can("text_document.publish_diagnostics.related_information"),
        document_changes=can("workspace.workspace_edit.document_changes"),
        creates_files="create" in (get_capability(params.capabilities, _RESOURCE_OPERATIONS, None) or ()),
        previews=get_capability(params.capabilities, "workspace.workspace_edit.change_annotation_support", None)
        is not None,
        markdown=prefers_markdown("text_document.hover.content_format", otherwise=True),
        configuration=can("workspace.configuration"),
        configuration_registration=can("workspace.did_change_configuration.dynamic_registration"),
        watching=can("workspace.did_change_watched_files.dynamic_registration"),
        watching_elsewhere=can("workspace.did_change_watched_files.relative_pattern_support"),
        versions=option(params.initialization_options, "versions") is True,
        commands=frozenset(_commands(params.initialization_options)),
        completion=CompletionAbilities(
            snippets=can(f"{item}.snippet_support"),
            markdown=prefers_markdown(f"{item}.documentation_format", otherwise=False),
            commit_characters=can(f"{item}.commit_characters_support"),
            label_details=can(f"{item}.label_details_support"),
            deprecated=can(f"{item}.tag_support"),
        ),
        signatures=SignatureAbilities(
            markdown=prefers_markdown(f"{signature}.documentation_format", otherwise=False),
            label_offsets=can(f"{signature}.parameter_information.label_offset_support"),
            active_parameter=can(f"{signature}.active_parameter_support"),
        ),
    )


def option(options: object, name: str) -> Any:
    """One member of `initializationOptions`, None where the client sent nothing of that name."""
    return options.get(name) if isinstance(options, Mapping) else None


def _commands(options: object) -> list[str]:
    commands = option(options, "commands")
    return [name for name in commands if isinstance(name, str)] if isinstance(commands, (list, tuple)) else []
