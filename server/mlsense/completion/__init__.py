"""What can be completed at a caret out of the model and the base of knowledge, and how what is called is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.answers import Completions
from mlsense.completion.columns import attributes, columns
from mlsense.completion.keywords import grid_keys, keywords
from mlsense.completion.members import members
from mlsense.completion.names import imports, unimported
from mlsense.completion.scene import Scene, scene
from mlsense.completion.signatures import signatures
from mlsense.completion.snippets import PREFIX, snippets_at
from mlsense.completion.values import values
from mlsense.explaining import explain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mlsense.answers import Completion
    from mlsense.knowledge.versions import Versions


def complete(at: Scene, trigger: str | None = None) -> Completions:
    """The entries at a caret, best first. `trigger`: the character whose typing asked, None if the user did."""
    context = at.context
    if context.quoted is not None:
        if trigger not in (None, '"', "'"):
            return Completions()
        found = grid_keys(at) or values(at, asked=True) or columns(at)
        return Completions(found, whole=bool(found))
    begun = snippets_at(at, trigger)
    if begun and context.word != PREFIX:
        # On an empty line, or behind `ml-`, where no name can follow.
        return Completions(begun, incomplete=True)
    if trigger in ("(", ",", "[", '"', "'", "-"):
        # A list between two brackets would take the next line break for a choice.
        return Completions()
    if trigger == "=":
        return Completions(values(at, asked=False), whole=True)
    if context.receiver is not None:
        listed = (imports(at) or members(at)) if at.python else ()
        # To those who ask a class that the base knows, nobody has to tell it again.
        return Completions((*attributes(at), *listed), whole=bool(listed))
    found = imports(at) if at.python else ()
    if found:
        return Completions(found)
    entries: list[Completion] = [
        *begun,
        *values(at, asked=trigger is None and _valued(at)),
        *keywords(at),
        *unimported(at),
    ]
    if entries and not context.word and context.brackets:
        # Names of the program may be meant too: they come with the first letter.
        return Completions(tuple(entries), incomplete=True, whole=True)
    return Completions(tuple(entries))


def documentation(data: Mapping[str, Any], versions: Versions) -> str:
    """What is said of an entry that keeps this `data`, out of the base: the import it makes, what it is and takes."""
    statement = f"```python\n{data['import']}\n```" if "import" in data else ""
    said = explain(data["name"], data.get("parameter"), versions, data.get("value"))
    return "\n\n".join(text for text in (statement, said) if text)


def _valued(at: Scene) -> bool:
    call = at.context.call()
    return call is not None and call.in_value


__all__ = ["Scene", "complete", "documentation", "scene", "signatures"]
