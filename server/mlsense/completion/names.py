"""Names that are not there yet: classes and functions of libraries with the import that brings them."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from mlsense.answers import Completion
from mlsense.knowledge.keywords import called_with_keywords, usual_imports
from mlsense.knowledge.kinds import kind
from mlsense.knowledge.library import libraries, release
from mlsense.knowledge.releases import section
from mlsense.rules.offering import offer
from mlsense.semantics.values import Unknown
from mlsense.syntax.scanning import Cursor, heads
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.answers import CompletionKind
    from mlsense.completion.scene import Scene
    from mlsense.knowledge.library import Entry

FEWEST_LETTERS = 2
MOST_NAMES = 40

# What everybody calls them.
ALIASES = {
    "np": "numpy",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "mpl": "matplotlib",
    "sns": "seaborn",
    "tf": "tensorflow",
    "nn": "torch.nn",
    "F": "torch.nn.functional",
    "optim": "torch.optim",
    "xgb": "xgboost",
    "lgb": "lightgbm",
    "sm": "statsmodels.api",
    "smf": "statsmodels.formula.api",
    "gym": "gymnasium",
    "px": "plotly.express",
    "sp": "scipy",
    "stats": "scipy.stats",
}
_MODULES = frozenset(
    ("torch", "sklearn", "keras", "joblib", "optuna", "imblearn", "torchvision", "xgboost", "lightgbm")
)
_KINDS: dict[str, CompletionKind] = {"class": "class", "function": "function", "module": "module"}
# What a step of a pipeline or an argument is for, and the kinds of estimators that fit there.
_PREDICTORS = ("classifier", "regressor", "clusterer", "outlier detector")
_FINAL = ("clf", "classifier", "model", "reg", "regressor", "estimator", "predictor", "svm", "svc")


@dataclass(frozen=True, slots=True)
class Import:
    """A statement that binds `name`: `from module import what`, or with `what` None a module under an alias."""

    name: str
    module: str
    what: str | None = None

    @property
    def statement(self) -> str:
        if self.what is not None:
            return f"from {self.module} import {self.what}"
        above, _, last = self.module.rpartition(".")
        if above and last == self.name:
            return f"from {above} import {last}"
        return f"import {self.module}" if self.name == self.module else f"import {self.module} as {self.name}"

    @property
    def dotted(self) -> str:
        return self.module if self.what is None else f"{self.module}.{self.what}"


@cache
def _importable() -> tuple[Import, ...]:
    """Names that programs import of libraries: those people call most, and every estimator, metric and splitter."""
    found = [
        *usual_imports(),
        *called_with_keywords(),
        *(n for part in ("kinds", "splitters", "metrics") for n in section(part)["facts"]),
    ]
    imports = [Import(alias, module) for alias, module in ALIASES.items()]
    imports += [Import(module, module) for module in sorted(_MODULES)]
    for dotted in dict.fromkeys(found):
        module, _, name = dotted.rpartition(".")
        # A function of a module that has a short name of its own is reached through that.
        if module and module not in ALIASES.values() and not any(part.startswith("_") for part in dotted.split(".")):
            imports.append(Import(name, module, name))
    return tuple(imports)


def unimported(scene: Scene) -> tuple[Completion, ...]:
    """For a name that nothing binds: what it could be, with the import, placed where the cell's imports are."""
    word = scene.context.word
    if scene.context.receiver is not None or scene.context.quoted is not None or _in_import(scene):
        return ()
    if re.search(r"(?:^|\s)(?:def|class|as|for|global|nonlocal|del)\s+\w*$", scene.context.statement):
        return ()
    if len(word) < FEWEST_LETTERS or not word.isidentifier():
        return ()
    whole = scene.cell.code[scene.context.span.start : scene.context.span.end]
    # The name that is being typed is seen as a name that nothing is known of.
    bound = {name for name, value in scene.asking.names().items() if name != whole or not isinstance(value, Unknown)}
    folded = word.lower()
    matching = [each for each in _importable() if _matches(each.name, folded) and each.name not in bound]
    wanted = _wanted(scene)
    ranked = []
    for place, each in enumerate(matching):
        kinds = _kinds(scene, each)
        fits = bool(set(kinds) & set(wanted))
        rank = (each.name != word, not fits, not each.name.startswith(word), not each.name.lower().startswith(folded))
        ranked.append(((*rank, place), each, kinds))
    ranked.sort(key=lambda found: found[0])
    offered = ((each, _entry(scene, each), kinds) for _, each, kinds in ranked[: 2 * MOST_NAMES])
    there = [
        (each, entry, kinds)
        for each, entry, kinds in offered
        if entry is not None or each.what is None or each.module.partition(".")[0] not in libraries()
    ]
    above = tuple(_imports(scene.cell.code, scene.context.offset)) if there else ()
    return tuple(_imported(scene, *found, above) for found in there[:MOST_NAMES])


def _matches(name: str, folded: str) -> bool:
    """Whether one of the words of a name, and what follows it, begins with what was typed."""
    if name.lower().startswith(folded):
        return True
    starts = (found.start() for found in re.finditer(r"(?<=_)[a-z0-9]|(?<=[a-z0-9])[A-Z]|[A-Z](?=[a-z])", name))
    return any(name[start:].lower().startswith(folded) for start in starts)


def _imported(
    scene: Scene, each: Import, entry: Entry | None, kinds: tuple[str, ...], above: tuple[tuple[int, int], ...]
) -> Completion:
    what = ", ".join(kinds) or each.module
    return Completion(
        each.name,
        "module" if each.what is None else _KINDS.get(entry.kind if entry is not None else "", "class"),
        detail=what,
        edits=(import_edit(scene, each, above),),
        data={"name": each.dotted, "import": each.statement},
    )


def _entry(scene: Scene, each: Import) -> Entry | None:
    offered = offer(scene.trace, each.module)
    return None if offered is None else offered.find(each.dotted)


def _kinds(scene: Scene, each: Import) -> tuple[str, ...]:
    if not each.module.startswith("sklearn."):
        return ()
    known = kind(each.dotted, release(scene.trace.versions, "sklearn")) or kind(each.dotted)
    return () if known is None else known.kinds


def _wanted(scene: Scene) -> tuple[str, ...]:
    """What kinds of estimators would fit where the caret is: as a step of a pipeline, as what a search searches."""
    call = scene.context.call()
    callee = None if call is None else scene.callee(call)
    if call is None or callee is None:
        return ()
    step = next((bracket for bracket in scene.context.brackets if bracket.kind == "tuple"), None)
    if callee.short in ("Pipeline", "ColumnTransformer", "FeatureUnion", "make_pipeline"):
        if step is not None and step.at == 1:
            name = step.items[0].text.strip("'\"").lower()
            return _PREDICTORS if name.startswith(_FINAL) else ("transformer",)
        return ("transformer",) if callee.short == "make_pipeline" and call.at == 0 else ()
    parameter = scene.parameter_at(call, callee)
    if parameter is not None and parameter.name in ("estimator", "base_estimator"):
        short = callee.short
        if "Classifier" in short or "Calibrated" in short:
            return ("classifier",)
        return ("regressor",) if "Regressor" in short else _PREDICTORS
    return ()


# Inside import statements

_FROM = re.compile(r"from\s+([\w.]+)\s+import\s+(?:\(\s*)?((?:[^()]*,)?\s*)(\w*)$")
_FROM_MODULE = re.compile(r"(?:from|import(?:\s+[\w. ]+,)*)\s+([\w.]*)$")


def _in_import(scene: Scene) -> bool:
    return re.match(r"(?:from|import)\b", scene.context.statement) is not None


def imports(scene: Scene) -> tuple[Completion, ...]:
    """What can be imported: names of a module, and modules, of libraries that the base knows."""
    statement = scene.context.statement
    if not _in_import(scene):
        return ()
    found = _FROM.match(statement)
    if found is not None:
        module, before, _ = found.groups()
        taken = {part.split(" as ")[0].strip() for part in before.split(",")}
        return tuple(each for each in children(scene, module) if each.label not in taken)
    found = _FROM_MODULE.match(statement)
    if found is None:
        return ()
    module, dot, _ = found.group(1).rpartition(".")
    if not dot:
        return tuple(Completion(name, "module") for name in libraries())
    return tuple(each for each in children(scene, module) if each.kind == "module")


def children(scene: Scene, module: str) -> tuple[Completion, ...]:
    """The names of a module, those that are imported most first."""
    offered = offer(scene.trace, module)
    if offered is None:
        return ()
    counted: dict[str, int] = {}
    for name in usual_imports():
        for module_name in (name, name.rpartition(".")[0]):
            counted.setdefault(module_name, len(counted))
    keyworded = frozenset(called_with_keywords())
    rows = []
    for name in offered.known_children(module):
        entry = offered.find(f"{module}.{name}")
        if entry is None or name.startswith("_"):
            continue
        kinds = _kinds(scene, Import(name, module, name))
        dotted = f"{module}.{name}"
        # Those that the module itself is about come before what it only imports.
        own = entry.name == dotted or entry.kind == "module"
        often = (counted.get(dotted, len(counted)), not kinds, dotted not in keyworded)
        rank = (*often, entry.kind == "unknown", not own, entry.kind == "module", name)
        completion = Completion(
            name,
            _KINDS.get(entry.kind, "constant"),
            detail=", ".join(kinds),
            deprecated=entry.deprecated is not None,
            data={"name": dotted},
        )
        rows.append((rank, completion))
    rows.sort(key=lambda row: row[0])
    return tuple(completion for _, completion in rows)


# Where an import goes

_ABOVE = re.compile(
    r"""[ \t]*(?:#[^\r\n]*|[%!][^\r\n]*)(?:\r\n|\r|\n)"""
    r"""|[rRuU]?(\"\"\"|''')[\s\S]*?\1[ \t]*(?:\r\n|\r|\n)"""
)


def import_edit(scene: Scene, wanted: Import, above: tuple[tuple[int, int], ...]) -> TextEdit:
    """The edit of the cell that imports a name: in an import of the same module, else behind those `above`."""
    code, text = scene.cell.code, scene.cell.source.text
    ending = "\r\n" if "\r\n" in text else "\n"
    last = 0
    found = False
    for start, end in above:
        line = code[start:end]
        if wanted.what is not None and re.fullmatch(
            rf"from[ \t]+{re.escape(wanted.module)}[ \t]+import[ \t]+\w[\w, \t]*", line.rstrip()
        ):
            place = start + len(line.rstrip().rstrip(","))
            return TextEdit(Span(place, place), f", {wanted.what}")
        last, found = end, True
    if found:
        return TextEdit(Span(last, last), f"{ending}{wanted.statement}")
    place = _top(code, text)
    blank = "" if not code[place:].strip() or code.startswith(("\n", "\r"), place) else ending
    return TextEdit(Span(place, place), f"{wanted.statement}{ending}{blank}")


def _imports(code: str, before: int) -> Iterator[tuple[int, int]]:
    """Top-level imports above an offset, each up to the end of its last line."""
    starts = heads(code)
    cursor = Cursor(code)
    for start, stop in itertools.pairwise(starts):
        if stop > before and not code.startswith(("import ", "from "), start):
            break
        # How far the text is open is worth finding out only where an import seems to be.
        if start >= before or not code.startswith(("import ", "from "), start) or cursor.state(start):
            continue
        end = start + len(code[start:stop].rstrip())
        if start <= before <= end:
            break
        # A comment or blank lines below belong to what comes next.
        statement = re.match(r"[^\r\n(#]*(?:\([^)]*\))?[^\r\n]*", code[start:end])
        yield start, start + (len(statement.group().rstrip()) if statement is not None else end - start)


def _top(code: str, text: str) -> int:
    """The first place for an import: below magics, comments that open the file, and its docstring."""
    place = 0
    while (found := _ABOVE.match(text, place)) is not None:
        place = found.end()
    return place
