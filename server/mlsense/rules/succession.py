"""What took the place of a name that is gone, and how to write it instead."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mlsense.knowledge.library import Change, library
from mlsense.rules import editing
from mlsense.rules.asking import takes_as_much
from mlsense.rules.finding import Fix
from mlsense.rules.reading import innermost, node_at, place_in, short
from mlsense.rules.replacements import Instead, row_of
from mlsense.semantics.values import Data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.knowledge.library import Entry, Offer
    from mlsense.rules.asking import Asked
    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

    Home = Callable[[Offer, str], str | None]

_CONCATENATES = ("pandas.DataFrame.append", "pandas.Series.append")
# Libraries all of whose modules the base has. Of others it leaves out what is not for most users.
WHOLE = ("imblearn", "numpy", "pandas", "sklearn")
# Since when the base has all public modules of a library, so that those it had before and has no more are gone.
_ALL_MODULES = {"keras": (3, 0)}
# The same, where it has only those that are for users.
_PUBLIC_MODULES = {"airflow": (3, 0), "tensorflow": (2, 0)}
# Where a library keeps what it had under the same names before.
_KEPT_IN = {"tensorflow": "tensorflow.compat.v1"}
# Of what a library keeps of older versions a part is loaded when it is asked for; Keras 3 says of these in other words
# that they are gone.
_IN_PART = ("tensorflow.compat.v1.", "tensorflow.keras.optimizers.legacy.", "keras.optimizers.legacy.")
# Of these Keras 3 gives none.
_FOR_KERAS_2 = ("tensorflow.compat.v1.layers.", "tensorflow.compat.v1.nn.rnn_cell.")
# Those whose warnings name the whole method, not one way of calling it.
_EXACT = ("numpy", "pandas", "sklearn")
# Until then Airflow's packages made modules at run time for the old places of what had moved.
_MAKES_MODULES = {"airflow": (3, 0)}
# What other distributions put into a library.
_PROVIDED = ("airflow.providers.",)
_BUILT_IN = ("bool", "complex", "float", "int", "issubclass", "object", "str")


@dataclass(frozen=True, slots=True)
class Successor:
    """`name` is dotted; `same`: every use of the old name is right with the new one."""

    name: str
    same: bool


def change_of(offered: Offer, dotted: str) -> Change | None:
    """What became of a name, also of those that went before the oldest version that the base knows."""
    row = row_of(dotted)
    if number(offered.version) < _MAKES_MODULES.get(offered.library.name, (0,)) or dotted.startswith(_IN_PART):
        return None
    if row is None and offered.library.name == "numpy" and number(offered.version) < (2, 0) and dotted.count(".") == 1:
        # The stubs of NumPy 1, from which the base has it, leave out much of what its modules still have.
        return None
    if row is None or row.gone is None:
        change = offered.change(dotted)
        older = _last_with(offered, dotted) if change is not None and change.kind != "added" else None
        entry = older.find(dotted) if older is not None else None
        return None if entry is not None and _may_be_left_out(offered, entry) else change
    return Change("removed", row.gone) if number(row.gone) <= number(offered.version) else None


def _may_be_left_out(offered: Offer, entry: Entry) -> bool:
    """Whether a version may have a module or what is below it without the base knowing."""
    if offered.library.name in WHOLE or entry.kind not in ("module", "unknown"):
        return False
    known = _ALL_MODULES if entry.kind == "unknown" else _ALL_MODULES | _PUBLIC_MODULES
    since = known.get(offered.library.name)
    return since is None or number(offered.version) < since


def number(version: str) -> tuple[int, ...]:
    """Major and minor, to compare by."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split(".")[:2])


@lru_cache(maxsize=20_000)
def replacement_of(offered: Offer, dotted: str) -> str | None:
    """What to use instead of a name that a version has and that it deprecates: dotted, code, or advice in words.

    None for what is not deprecated, where nothing is told, and where what is told is no name of the same kind: then
    only a way of using it is deprecated.
    """
    entry = offered.find(dotted)
    if entry is None or not entry.deprecated or number(entry.deprecated) > number(offered.version):
        return None
    row = row_of(dotted)
    if row is not None:
        return row.advice or row.name if not row.is_name or _is_there(offered, row.name) else None
    if entry.kind in ("method", "property") and offered.library.name not in _EXACT and gone_in(offered, dotted) is None:
        return None
    return _told_of(offered, entry, dotted)


def _told_of(offered: Offer, entry: Entry, dotted: str) -> str | None:
    for name in _spellings(dotted, entry.replacement or ""):
        if _is_provided(name):
            return name
        owner, _, last = dotted.rpartition(".")
        home = name.rpartition(".")[0]
        # Of what moved into a module below, another name of that is a slip of the pen.
        for each in (f"{home}.{last}", name) if home.startswith(f"{owner}.") else (name,):
            found = offered.find(each) if each.startswith(offered.library.name + ".") else None
            same = found is not None and found.kind == entry.kind and found.name != entry.name
            if same and found is not None and not found.deprecated and each != "pandas.set_option":
                return each
    return None


@lru_cache(maxsize=2_000)
def gone_in(offered: Offer, dotted: str) -> str | None:
    """The first version without a name that this one has, where that is known."""
    row = row_of(dotted)
    if row is not None and row.gone is not None:
        return row.gone
    versions = offered.library.versions
    for version in versions[versions.index(offered.version) + 1 :]:
        later = offered.library.at(version)
        if later is not None and later.find(dotted) is None:
            return version if later.change(dotted) is not None else None
    return None


def successor(offered: Offer, dotted: str) -> Successor | None:
    """The name to write instead, where it is a name that the version has, or one of another library."""
    row = row_of(dotted)
    if row is not None:
        return Successor(row.name, row.same) if row.is_name and _is_there(offered, row.name) else None
    if offered.find(dotted) is not None:
        name = replacement_of(offered, dotted)
        if name is None:
            return None
        moved = name.rpartition(".")[2] == dotted.rpartition(".")[2]
        return Successor(name, moved and takes_as_much(offered.find(dotted), offered.find(name)))
    above, _, rest = dotted.rpartition(".")
    while above:
        module = row_of(above)
        if module is not None and module.is_name and module.same and _is_there(offered, f"{module.name}.{rest}"):
            return Successor(f"{module.name}.{rest}", True)
        above, _, last = above.rpartition(".")
        rest = f"{last}.{rest}"
    change = offered.change(dotted)
    if change is None or change.kind == "added":
        return None
    if not change.replacement:
        return _kept(offered, dotted) or _in_torch(offered, dotted)
    for name in _spellings(dotted, change.replacement):
        # The functions of `numpy.ma` are for masked arrays, whatever their names are.
        if _is_there(offered, name) and not name.startswith("numpy.ma."):
            older = _last_with(offered, dotted)
            same = older is not None and takes_as_much(older.find(dotted), offered.find(name))
            moved = name.rpartition(".")[2] == dotted.rpartition(".")[2]
            return Successor(name, name in _BUILT_IN or (same and moved))
    return None


def _kept(offered: Offer, dotted: str) -> Successor | None:
    """Where a library still has what it had under the same name before: `tensorflow.compat.v1`."""
    home = _KEPT_IN.get(offered.library.name)
    above = dotted.rpartition(".")[0]
    owner = offered.find(above)
    if home is None or not above or (owner is not None and owner.kind != "module"):
        return None
    name = f"{home}.{dotted.partition('.')[2]}"
    return Successor(name, False) if _is_there(offered, name) else None


def _in_torch(offered: Offer, dotted: str) -> Successor | None:
    """`AutoModel` for `TFAutoModel`: from 5.0 on transformers has its models for PyTorch only."""
    module, _, name = dotted.rpartition(".")
    bare = next((name.removeprefix(each) for each in ("TF", "Flax") if name.startswith(each)), name)
    known = offered.library.name == "transformers" and bare != name and _is_there(offered, f"{module}.{bare}")
    return Successor(f"{module}.{bare}", False) if known else None


def _spellings(dotted: str, replacement: str) -> Iterator[str]:
    """A replacement as warnings spell it: whole, by the library's short name, as a neighbour of the old name."""
    root = dotted.partition(".")[0]
    abbreviation, _, rest = replacement.partition(".")
    if (abbreviation, root) in (("np", "numpy"), ("pd", "pandas")) and rest:
        yield f"{root}.{rest}"
    elif replacement.startswith(root + ".") or replacement in _BUILT_IN:
        yield replacement
    else:
        yield f"{dotted.rpartition('.')[0]}.{replacement}"
        yield f"{root}.{replacement}"


def _is_there(offered: Offer, name: str) -> bool:
    root = name.partition(".")[0]
    if root == offered.library.name:
        return offered.find(name) is not None and not name.startswith(_FOR_KERAS_2)
    return library(root) is None


def _last_with(offered: Offer, dotted: str) -> Offer | None:
    versions = offered.library.versions
    for version in reversed(versions[: versions.index(offered.version)]):
        older = offered.library.at(version)
        if older is not None and older.find(dotted) is not None:
            return older
    return None


# --- in words ----------------------------------------------------------------------------------------


def advice(trace: Trace, asked: Asked, change: Change) -> str:
    """The second half of a message: what it is now, what to use, or what happens."""
    row = row_of(asked.dotted) or Instead()
    if row.advice:
        return row.advice
    new = successor(asked.offer, asked.dotted)
    if new is not None and new.same:
        return f"it is `{shown_name(trace, new.name)}` now"
    if new is None and (home := _new_module(trace, asked.offer, asked.dotted)) is not None:
        return f"what is used of it is in `{home.name}` now"
    written = new.name if new is not None else row.name or change.replacement or ""
    root = asked.offer.library.name
    if written and (_is_there(asked.offer, written) or not written.startswith(f"{root}.") or _is_provided(written)):
        return f"use `{shown_name(trace, written)}`"
    return "the import fails" if asked.imported else "this raises AttributeError"


def _is_provided(name: str) -> bool:
    return name.startswith(_PROVIDED)


def shown_name(trace: Trace, dotted: str) -> str:
    """As the program would write it: `np.isin`; of members of classes the last two parts."""
    parts = dotted.split(".")
    if len(parts) > 2 and parts[-2][:1].isupper():
        return ".".join(parts[-2:])
    alias = bound_as(trace, parts[0])
    return ".".join([alias or parts[0], *parts[1:]]) if len(parts) > 1 else dotted


def bound_as(trace: Trace, library_name: str) -> str | None:
    """What the program calls a whole library: `pd`."""
    for place, named in trace.names.items():
        if named.imported and named.name == library_name:
            text = (editing.text_at(trace, place) or "").split()
            if text[:1] == [library_name]:
                return text[-1]
    return None


# --- fixes -------------------------------------------------------------------------------------------


def fix_of(trace: Trace, asked: Asked) -> Fix | None:
    if asked.imported:
        return fixed_import(trace, asked)
    if asked.thing is not None:
        return _fixed_member(trace, asked)
    new = successor(asked.offer, asked.dotted)
    text = editing.text_at(trace, asked.place)
    if new is None or text is None:
        return None
    written = _written(trace, asked, text, new.name)
    return _replacing(trace, asked.place, written, new.same) if written is not None else None


def _written(trace: Trace, asked: Asked, text: str, name: str) -> str | None:
    """A name of a library in the words of the program, for the place of a name of the same library."""
    if "." not in name:
        return name if name in _BUILT_IN and name not in trace.uses else None
    before, dot, last = text.rpartition(".")
    if not dot or last != asked.name:
        return None
    if name.rpartition(".")[0] == asked.owner:
        return f"{before}.{name.rpartition('.')[2]}"
    root = bound_as(trace, asked.offer.library.name)
    return f"{root}.{name.partition('.')[2]}" if root is not None and name.startswith("numpy.") else None


def _replacing(trace: Trace, place: Place, text: str, same: bool) -> Fix | None:
    return Fix.of(f"Write `{short(text)}`", "safe" if same else "unsafe", editing.replaced(trace, place, text))


def _fixed_member(trace: Trace, asked: Asked) -> Fix | None:
    if asked.dotted in _CONCATENATES:
        return _concatenated(trace, asked)
    if asked.dotted == "numpy.ndarray.ptp":
        return _called_with_receiver(trace, asked, "numpy", "ptp")
    if asked.name == "ix":
        return _located(trace, asked)
    new = successor(asked.offer, asked.dotted)
    if new is None or new.name.rpartition(".")[0] != asked.owner:
        return None
    return _replacing(trace, asked.place, new.name.rpartition(".")[2], new.same)


def _concatenated(trace: Trace, asked: Asked) -> Fix | None:
    """`a.append(b, ...)` as `pd.concat([a, b], ...)`: a frame or series is appended, or a list of some, or a row."""
    node = node_at(trace, asked.call) if asked.call is not None else None
    pandas = bound_as(trace, "pandas")
    if pandas is None or asked.call is None or not isinstance(node, ast.Call) or len(node.args) != 1:
        return None
    if not isinstance(node.func, ast.Attribute):
        return None
    if {word.arg for word in node.keywords} - {"ignore_index", "verify_integrity", "sort"}:
        return None
    given, added = node.args[0], _text(trace, asked.call, node.args[0])
    receiver = _text(trace, asked.call, node.func.value)
    kind = _kind(trace, asked.call, given)
    frame = asked.dotted.startswith("pandas.DataFrame")
    if receiver is None or added is None:
        return None
    if isinstance(given, ast.List) and given.elts:
        kinds = {_kind(trace, asked.call, item) for item in given.elts}
        if kinds != {"frame" if frame else "series"}:
            return None
        inner, safe = f"{receiver}, {added[1:-1].strip().rstrip(',')}", True
    elif kind == ("frame" if frame else "series"):
        inner, safe = f"{receiver}, {added}", True
    elif frame and (isinstance(given, ast.Dict) or kind == "series"):
        inner, safe = f"{receiver}, {pandas}.DataFrame([{added}])", False
    else:
        return None
    words = [f", {text}" for word in node.keywords if (text := _keyword_text(trace, asked.call, word))]
    text = f"{pandas}.concat([{inner}]{''.join(words)})"
    edit = editing.replaced(trace, asked.call, text)
    title = f"Write `{pandas}.concat([{short(receiver)}, ...])`"
    return Fix.of(title, "safe" if safe else "unsafe", edit)


def _called_with_receiver(trace: Trace, asked: Asked, module: str, function: str) -> Fix | None:
    """`x.ptp(...)` as `np.ptp(x, ...)`."""
    node = node_at(trace, asked.call) if asked.call is not None else None
    alias = bound_as(trace, module)
    if alias is None or asked.call is None or not isinstance(node, ast.Call):
        return None
    receiver = _text(trace, asked.call, node.func.value) if isinstance(node.func, ast.Attribute) else None
    given = [_text(trace, asked.call, argument) for argument in node.args]
    words = [_keyword_text(trace, asked.call, word) for word in node.keywords]
    if receiver is None or None in given or None in words:
        return None
    text = f"{alias}.{function}({', '.join([receiver, *(part for part in (*given, *words) if part)])})"
    return _replacing(trace, asked.call, text, True)


def _located(trace: Trace, asked: Asked) -> Fix | None:
    """`.ix` as `.loc` where all it is asked for are texts, conditions and whole axes."""
    statement = innermost(trace, asked.place)
    for node in ast.walk(statement or ast.Pass()):
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "ix":
            end = (node.value.end_lineno, node.value.end_col_offset)
            if end != (asked.place.end_line, asked.place.end_column):
                continue
            parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if all(_is_label(part) for part in parts) and any(not isinstance(part, ast.Slice) for part in parts):
                return _replacing(trace, asked.place, "loc", True)
    return None


def _is_label(part: ast.expr) -> bool:
    if isinstance(part, ast.List):
        return bool(part.elts) and all(_is_label(item) for item in part.elts)
    if isinstance(part, ast.Slice):
        return part.step is None and all(bound is None or _is_label(bound) for bound in (part.lower, part.upper))
    return isinstance(part, ast.Compare) or (isinstance(part, ast.Constant) and isinstance(part.value, str))


def _kind(trace: Trace, near: Place, node: ast.expr) -> str:
    """What is followed of an expression: "frame", "series", or something else."""
    sighting = trace.sighting(place_in(near, node)) if isinstance(node, (ast.Name, ast.Attribute)) else None
    thing = sighting.object if sighting is not None else None
    if isinstance(thing, Data):
        return thing.kind
    called = node.func if isinstance(node, ast.Call) else None
    named = trace.names.get(place_in(near, called)) if called is not None else None
    made = {"pandas.DataFrame": "frame", "pandas.Series": "series", "pandas.read_csv": "frame"}
    return made.get(named.name, "") if named is not None else ""


def _text(trace: Trace, near: Place, node: ast.expr) -> str | None:
    return editing.text_at(trace, place_in(near, node))


def _keyword_text(trace: Trace, near: Place, word: ast.keyword) -> str | None:
    value = _text(trace, near, word.value)
    return None if value is None else f"{word.arg}={value}" if word.arg else f"**{value}"


# --- imports -----------------------------------------------------------------------------------------


def fixed_import(trace: Trace, asked: Asked, home: Home | None = None) -> Fix | None:
    """`home` says where a name is that no version had where it is imported from."""
    statement = innermost(trace, asked.place)
    if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
        return _fixed_from(trace, asked, statement, home)
    if isinstance(statement, ast.Import):
        return _fixed_module(trace, asked, statement)
    return None


def _fixed_from(trace: Trace, asked: Asked, statement: ast.ImportFrom, home: Home | None) -> Fix | None:
    """The statement with every name from where it is now; None where one of its names has no place."""
    place = place_in(asked.place, statement)
    written = editing.text_at(trace, place)
    indent = editing.indentation(trace, place)
    found = trace.locate(place)
    if written is None or "#" in written or indent is None or found is None:
        return None
    groups: dict[str, list[str]] = {}
    same = True
    for alias in statement.names:
        dotted = f"{statement.module}.{alias.name}"
        bound = alias.asname or alias.name
        if asked.offer.find(dotted) is None or dotted == asked.dotted:
            found_at = home(asked.offer, dotted) if home is not None else None
            new = Successor(found_at, True) if found_at is not None else successor(asked.offer, dotted)
            # Another thing under the old name would hide that it is another.
            if new is not None and not new.same and new.name.rpartition(".")[2] != alias.name:
                return None
            new = new or _new_module(trace, asked.offer, dotted)
            if new is None:
                return None
            same = same and new.same
            dotted = new.name
        module, _, name = dotted.rpartition(".")
        groups.setdefault(module, []).append(name if name == bound else f"{name} as {bound}")
    if any(not module and part in _BUILT_IN for module, parts in groups.items() for part in parts):
        return None
    lines = []
    for module, parts in groups.items():
        if module:
            lines.append(f"from {module} import {', '.join(parts)}")
        else:
            lines += [f"import {part}" for part in parts]
    text = (editing.newline(trace, found[0]) + indent).join(lines)
    shown = next((line for line in lines if not line.startswith(f"from {statement.module} import")), lines[0])
    return Fix.of(f"Write `{short(shown)}`", "safe" if same else "unsafe", editing.replaced(trace, place, text))


def _fixed_module(trace: Trace, asked: Asked, statement: ast.Import) -> Fix | None:
    """`import old as name` as `import new as name`, with every use of `old` where it is called by its whole name."""
    if len(statement.names) != 1:
        return None
    alias, place = statement.names[0], place_in(asked.place, statement)
    home = _new_module(trace, asked.offer, alias.name)
    if home is None:
        return None
    new, name = home.name, alias.asname
    text = f"import {new}" if name in (None, new) else f"import {new} as {name}"
    edits: list[Edit | None] = [editing.replaced(trace, place, text)]
    if name is None:
        edits += [
            editing.replaced(trace, other, new)
            for other, named in trace.names.items()
            if named.name == alias.name and not named.imported
        ]
    return Fix.of(f"Write `{text}`", "safe" if home.same else "unsafe", *edits)


def _new_module(trace: Trace, offered: Offer, module: str) -> Successor | None:
    """The one module that has all the names that the program uses of an old one."""
    row = row_of(module)
    if row is not None and row.is_name and row.same:
        return successor(offered, module)
    depth = module.count(".") + 1
    used = {named.name for named in trace.names.values() if named.name.startswith(module + ".")}
    found = [successor(offered, name) for name in sorted(used) if name.count(".") == depth]
    new = [each for each in found if each is not None]
    homes = {each.name.rpartition(".")[0] for each in new}
    if len(homes) != 1 or len(new) != len(found) or "" in homes:
        return None
    return Successor(homes.pop(), all(each.same for each in new))
