"""`textDocument/signatureHelp`: how that is called whose brackets the caret is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.answers import Caret
from mlsense.lsp.convert import to_offset
from mlsense.lsp.markup import to_markup
from mlsense.lsp.providers import SIGNATURES
from mlsense.lsp.providers.asking import first
from mlsense.text import Encoding, LineIndex

if TYPE_CHECKING:
    from mlsense.answers import Parameter, Signature
    from mlsense.lsp.client import SignatureAbilities
    from mlsense.lsp.snapshot import Snapshot

METHOD = types.TEXT_DOCUMENT_SIGNATURE_HELP
OPTIONS = types.SignatureHelpOptions(trigger_characters=["(", ",", "="], retrigger_characters=[")"])


async def answer(snapshot: Snapshot, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """The signatures of the first provider that knows any."""
    if not snapshot.preferences.enable:
        return None
    caret = Caret(to_offset(snapshot.cell.source, params.position, snapshot.client.encoding))
    found = await first(SIGNATURES, lambda provider: provider.signatures(snapshot, caret))
    if found is None:
        return None
    client = snapshot.client.signatures
    active = found.signatures[found.active].active
    return types.SignatureHelp(
        signatures=[_information(signature, client) for signature in found.signatures],
        active_signature=found.active,
        # The protocol knows no parameter to be the active one only since 3.18; one too many means the same.
        active_parameter=active if active is not None else len(found.signatures[found.active].parameters),
    )


def _information(signature: Signature, client: SignatureAbilities) -> types.SignatureInformation:
    parameters = []
    end = 0
    for parameter in signature.parameters:
        start = signature.label.find(parameter.label, end)
        if start >= 0:
            end = start + len(parameter.label)
        parameters.append(_parameter(parameter, signature.label, start, client))
    return types.SignatureInformation(
        label=signature.label,
        parameters=parameters,
        documentation=_documentation(signature.documentation, client),
        active_parameter=signature.active if client.active_parameter else None,
    )


def _parameter(parameter: Parameter, label: str, start: int, client: SignatureAbilities) -> types.ParameterInformation:
    name: str | tuple[int, int] = parameter.label
    if client.label_offsets and start >= 0:
        # These offsets are in UTF-16 units whatever encoding was agreed on.
        lines = LineIndex(label)
        first, last = (lines.to_client(offset, Encoding.UTF16).column for offset in (start, start + len(name)))
        name = (first, last)
    return types.ParameterInformation(label=name, documentation=_documentation(parameter.documentation, client))


def _documentation(text: str, client: SignatureAbilities) -> types.MarkupContent | None:
    return to_markup(text, markdown_wanted=client.markdown) if text else None
