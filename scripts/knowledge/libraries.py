"""Which libraries and versions are read, and what is particular to each."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from facts import Deprecation, Facts, Member, Signature, Taken, Thing
from source import Release


@dataclass(frozen=True)
class Source:
    """`internal`: modules not meant for users; `before` and `after` read what this library writes in its own way."""

    name: str
    distribution: str
    oldest: str
    newest: str | None = None
    internal: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Callable[[Release], None], ...] = ()
    after: tuple[Callable[[Release, Facts], None], ...] = ()
    more_roots: tuple[str, ...] = ()

    @property
    def roots(self) -> tuple[str, ...]:
        return (self.name, *self.more_roots)


def numpy_aliases(release: Release, facts: Facts) -> None:
    """`np.float` and the like: built-in names under another name, deprecated from 1.20, gone from 1.24."""
    tree = release.tree("numpy")
    offered = facts.modules.get("numpy")
    if tree is None or offered is None:
        return
    # Widths that no platform of today has.
    offered.exports = [name for name in offered.exports if name not in ("float96", "complex192")]
    text = release.text("numpy") or ""
    if "__deprecated_attrs__" not in text:
        return
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == "_type_info"
            and isinstance(node.value, ast.List)
        ):
            for item in node.value.elts:
                name = item.elts[0] if isinstance(item, ast.Tuple) else None
                if isinstance(name, ast.Constant):
                    alias(
                        facts, str(name.value), {"long": "int", "unicode": "str"}.get(str(name.value), str(name.value))
                    )


def alias(facts: Facts, name: str, builtin: str) -> None:
    dotted = f"numpy.{name}"
    facts.things[dotted] = Thing(dotted, "class", None, Deprecation("1.20", builtin), open=True)
    facts.modules["numpy"].names[name] = dotted


def sklearn_requests(release: Release, facts: Facts) -> None:
    """`set_fit_request` and the like: made, when a class is made, for every method that takes metadata."""
    makers = [name for name in facts.things if name.endswith(("._MetadataRequester", "._SetOutputMixin"))]
    for name in makers:
        facts.things[name].open = False
    routing = "sklearn.utils._metadata_requests"
    if not release.has(routing):
        return
    methods = release.strings(routing, "SIMPLE_METHODS")
    requesters = {name for name in makers if name.endswith("._MetadataRequester")}

    @cache
    def asks(name: str) -> bool:
        return name in requesters or any(asks(base) for base in facts.things[name].bases if base in facts.things)

    @cache
    def taken(name: str, method: str) -> tuple[str, ...] | None:
        """What a class's method takes besides data; None where the class has no such method."""
        thing = facts.things[name]
        member = thing.members.get(method)
        if member is None:
            found = [taken(base, method) for base in thing.bases if base in facts.things]
            return next((names for names in found if names is not None), None)
        parameters = member.signature.parameters[1:] if member.signature is not None else []
        names = [parameter.name for parameter in parameters if parameter.kind in ("", "*")]
        return tuple(name for name in names if name not in ("X", "y", "Y", "Xt", "yt"))

    @cache
    def unused(name: str) -> frozenset[tuple[str, str]]:
        """Parameters that a class says are no metadata: `__metadata_request__fit = {"check": UNUSED}`."""
        module, _, short = name.rpartition(".")
        found = {pair for base in facts.things[name].bases if base in facts.things for pair in unused(base)}
        tree = release.tree(module)
        for node in tree.body if tree is not None else ():
            for item in node.body if isinstance(node, ast.ClassDef) and node.name == short else ():
                target = ast.unparse(item.targets[0]) if isinstance(item, ast.Assign) else ""
                if target.startswith("__metadata_request__") and isinstance(item.value, ast.Dict):
                    keys = [key.value for key in item.value.keys if isinstance(key, ast.Constant)]
                    found |= {(target.removeprefix("__metadata_request__"), str(key)) for key in keys}
        return frozenset(found)

    def asked(name: str, method: str) -> tuple[str, ...]:
        names = taken(name, method) or ()
        return tuple(parameter for parameter in names if (method, parameter) not in unused(name))

    for name, thing in facts.things.items():
        for method in methods if thing.kind == "class" and asks(name) else ():
            names = asked(name, method)
            first = next((base for base in thing.bases if base in facts.things and taken(base, method) is not None), "")
            inherited = method not in thing.members and first and asks(first) and asked(first, method) == names
            if names and not inherited:
                parameters = [Taken("self", ""), *(Taken(parameter, "*", "'$UNCHANGED$'") for parameter in names)]
                thing.members.setdefault(f"set_{method}_request", Member("m", Signature(parameters)))


def _dotted(prefix: str, names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in names.split())


LIBRARIES: dict[str, Source] = {
    source.name: source
    for source in (
        Source("sklearn", "scikit-learn", "0.18", after=(sklearn_requests,)),
        Source(
            "pandas", "pandas", "1.3",
            internal=_dotted("pandas", "core compat util conftest io.formats io.excel io.json io.sas io.parsers"),
        ),
        Source(
            "numpy", "numpy", "1.20", after=(numpy_aliases,),
            internal=_dotted("numpy", "distutils f2py core compat doc ma.core ma.extras ma.timer_comparison ma.bench"),
        ),
    )
}  # fmt: skip
