"""Which libraries and versions are read, and what is particular to each."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from facts import Deprecation, Facts, Member, Offered, Signature, Taken, Thing, constant_text
from source import Reference, Release, Value, targets_of
from wheels import minors, sources


@dataclass(frozen=True)
class Source:
    """`internal`: modules not meant for users, with a dot at the end all below a module.

    `renamed`: modules imported by another name; with a dot at the end, only those below. `before` and
    `after` read what this library writes in its own way. `only`: the minors to read, where there are too many.
    `beside`: further distributions that a version is made of, as (distribution, minor). `elsewhere`: modules that
    are another library of the base. `before_it`: by minor, the distribution that the library was a part of then, with
    `before_roots`, the packages its modules were in. `made_of`: the library that its base classes come from.
    `also`: modules for users in spite of their names. `shown`: the distribution that people install. `forwards`: its
    constructors hand `**kwargs` on to a base that refuses what it does not know. `made`: how names end that its
    modules make at run time out of others. `fully`: see `facts.Reader`.
    """

    name: str
    distribution: str
    oldest: str
    newest: str | None = None
    internal: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    before: tuple[Callable[[Release], None], ...] = ()
    after: tuple[Callable[[Release, Facts], None], ...] = ()
    only: tuple[str, ...] = ()
    before_it: Mapping[str, str] = field(default_factory=dict)
    before_roots: tuple[str, ...] = ()
    made_of: str = ""
    also: tuple[str, ...] = ()
    shown: str = ""
    forwards: bool = False
    made: tuple[str, ...] = ()
    fully: bool = False
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    beside: Callable[[str], tuple[tuple[str, str], ...]] | None = None


def numpy_aliases(release: Release, facts: Facts) -> None:
    """`np.float` and the like: built-in names under another name, deprecated from 1.20, gone from 1.24."""
    tree = release.tree("numpy")
    offered = facts.modules.get("numpy")
    if tree is None or offered is None:
        return
    for module in facts.modules.values():
        # Widths that no platform of today has.
        module.exports = [name for name in module.exports if name not in ("float96", "complex192")]
        module.names = {name: target for name, target in module.names.items() if name not in ("float96", "complex192")}
    for node in ast.walk(release.tree("numpy.core._type_aliases") or ast.Module([], [])):
        # `for name in ["Bytes0", ...]: globals()[name] = ...`
        if isinstance(node, ast.For) and isinstance(node.iter, ast.List):
            texts = [each.value for each in node.iter.elts if isinstance(each, ast.Constant)]
            offered.names |= {text: "" for text in texts if isinstance(text, str) and text.istitle()}
    # What its C code gives is in its stub, what its `__getattr__` gives are these aliases and submodules.
    offered.open = False
    text = release.text("numpy") or ""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or ast.unparse(node.targets[0]) != "_type_info":
            continue
        for item in node.value.elts if isinstance(node.value, ast.List) else ():
            name = item.elts[0] if isinstance(item, ast.Tuple) else None
            if not isinstance(name, ast.Constant):
                continue
            if "__former_attrs__" in text:
                offered.names.pop(str(name.value), None)
            elif "__deprecated_attrs__" in text:
                alias(facts, str(name.value), {"long": "int", "unicode": "str"}.get(str(name.value), str(name.value)))


def alias(facts: Facts, name: str, builtin: str) -> None:
    dotted = f"numpy.{name}"
    facts.things[dotted] = Thing(dotted, "class", None, Deprecation("1.20", builtin), open=True)
    facts.modules["numpy"].names[name] = dotted


def pandas_operators(release: Release, facts: Facts) -> None:
    """`DataFrame.add` and the like: in older versions made for both classes by a function of their own."""
    tree = release.tree("pandas.core.ops.methods")
    names: list[str] = []
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Dict):
            names += [str(key.value) for key in node.keys if isinstance(key, ast.Constant)]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "dict":
            names += [word.arg for word in node.keywords if word.arg]
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            names.append(str(node.slice.value))
    for place in ("pandas.core.frame.DataFrame", "pandas.core.series.Series"):
        if place in facts.things and names:
            facts.things[place].open = False
            for name in names:
                facts.things[place].members.setdefault(name, Member("m"))


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
    def said(name: str) -> dict[tuple[str, str], bool]:
        """By method and parameter, whether it is metadata: `__metadata_request__fit = {"check": UNUSED}`."""
        module, _, short = name.rpartition(".")
        bases = [base for base in reversed(facts.things[name].bases) if base in facts.things]
        found = {key: value for base in bases for key, value in said(base).items()}
        tree = release.tree(module)
        for node in tree.body if tree is not None else ():
            for item in node.body if isinstance(node, ast.ClassDef) and node.name == short else ():
                target = ast.unparse(item.targets[0]) if isinstance(item, ast.Assign) else ""
                if target.startswith("__metadata_request__") and isinstance(item.value, ast.Dict):
                    for key, value in zip(item.value.keys, item.value.values, strict=True):
                        if isinstance(key, ast.Constant):
                            method = target.removeprefix("__metadata_request__")
                            found[method, str(key.value)] = not ast.unparse(value).endswith("UNUSED")
        return found

    def asked(name: str, method: str) -> tuple[str, ...]:
        more = [parameter for (of, parameter), metadata in said(name).items() if of == method and metadata]
        names = dict.fromkeys([*(taken(name, method) or ()), *more])
        return tuple(parameter for parameter in names if said(name).get((method, parameter), True))

    for name, thing in facts.things.items():
        for method in methods if thing.kind == "class" and asks(name) else ():
            names = asked(name, method)
            first = next((base for base in thing.bases if base in facts.things and taken(base, method) is not None), "")
            inherited = method not in thing.members and first and asks(first) and asked(first, method) == names
            if names and not inherited:
                parameters = [Taken("self", ""), *(Taken(parameter, "*", "'$UNCHANGED$'") for parameter in names)]
                thing.members.setdefault(f"set_{method}_request", Member("m", Signature(parameters)))


def scipy_native(release: Release) -> None:
    """What star imports bring from modules in C: what their stubs tell; the documentation tells the rest, see below."""
    for module in release.modules:
        if release.text(module) is None and release.has(module):
            space = release.space(module)
            space.open = False
            space.exported = [name for name in space.names if not name.startswith("_")]
    # Under another array library the same functions as those of `_ufuncs`, which the package has anyway.
    wrapped = release.space("scipy.special._support_alternative_backends")
    wrapped.exported, wrapped.exported_for_sure = [], True
    if not release.has("scipy.stats._continuous_distns"):
        return
    listed: list[str] = []
    for module in ("scipy.stats._continuous_distns", "scipy.stats._discrete_distns"):
        # `norm = norm_gen(name="norm")`: its `__all__` is made of what the values are.
        space = release.space(module)
        values = {name: what.node for name, what in space.names.items() if isinstance(what, Value)}
        made = [name for name, node in values.items() if isinstance(node, ast.Call)
                and ast.unparse(node.func).endswith(("_gen", "rv_histogram"))]  # fmt: skip
        classes = [name for name in space.names if name.endswith("_gen") or name == "rv_histogram"]
        space.exported, space.exported_for_sure, space.open = [*made, *classes], True, False
        listed += made
    space = release.space("scipy.stats.distributions")
    space.exported, space.exported_for_sure = [*(space.exported or []), *listed], True
    space.open = space.starred = False


def scipy_documented(release: Release, facts: Facts) -> None:
    """Names that C code gives stand in the tables of each package's documentation."""
    for module, offered in facts.modules.items():
        tree = release.tree(module)
        if tree is None:
            # C code that is for users itself.
            offered.open, offered.sure = True, False
            continue
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                source = release._absolute(module, node.level, node.module)
                if release.has(source) and release.text(source) is None:
                    # The list that a package makes of its own names has those of C code, too.
                    offered.sure = offered.sure and not release.space(module).lists_itself
                    offered.open = offered.open or module not in release.packages
        for name in tabled(ast.get_docstring(tree) or "", module):
            if name not in offered.names:
                offered.names[name] = "?"
    for module in release.modules:
        # What is not for users may all the same be asked for.
        package, _, last = module.rpartition(".")
        if package in facts.modules and module not in facts.modules and not last.startswith("_"):
            facts.modules[package].names.setdefault(last, module)


def tabled(text: str, module: str) -> list[str]:
    """The names in the `autosummary` tables that a text has of a module: `   name -- what it is`."""
    found: list[str] = []
    inside, of = False, module
    for line in text.splitlines():
        match = re.match(r"\s+([A-Za-z_]\w*)(?:\s|$)", line)
        if (said := re.match(r"\s*\.\. (?:current)?module:: *(\S+)", line)) is not None:
            of = said.group(1)
        if line.lstrip().startswith(".. "):
            inside = "autosummary::" in line and of == module
        elif inside and match is not None:
            found.append(match.group(1))
        elif line.strip() and not line[0].isspace():
            inside = False
    return found


@cache
def numpy_names() -> dict[str, str]:
    """What SciPy took over of NumPy, and where it is there."""
    numpy = Release([sources("numpy", minors("numpy", "1.20", "1.20")["1.20"])], ("numpy",))
    public = [name for name in numpy.space("numpy").names if not name.startswith("_")]
    found = {name: f"numpy.{name}" for name in [*numpy.exports("numpy")[0], *public]}
    found |= {name: f"numpy.lib.scimath.{name}" for name in numpy.exports("numpy.lib.scimath")[0]}
    return found | {name: f"numpy.random.{name}" for name in ("rand", "randn")}


def scipy_numpy(release: Release, facts: Facts) -> None:
    """Up to 1.11 `scipy.mean` and the like are NumPy's functions, which its `__init__` takes over in a loop."""
    text = release.text("scipy") or ""
    offered = facts.modules.get("scipy")
    if offered is None or re.search(r"\b_?(num|np)\.__all__", text) is None:
        return
    said = "use numpy.{0} instead" in text
    for name, place in numpy_names().items():
        if release.has(f"scipy.{name}"):
            continue
        dotted = f"scipy.{name}"
        facts.things[dotted] = Thing(dotted, "function", None, Deprecation("", place) if said else None)
        offered.names[name] = dotted
    # Some that NumPy's stubs leave out.
    offered.open, offered.sure = True, False


@cache
def torch_module() -> frozenset[str]:
    """The names of `torch.nn.Module`, which Keras 3's layers are on that backend."""
    newest = list(minors("torch", "1.13").values())[-1]
    release = Release([sources("torch", newest)], ("torch",))
    tree = release.tree("torch.nn.modules.module") or ast.Module([], [])
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Module")
    names = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    for node in body:
        names |= {ast.unparse(target) for target in targets_of(node)}
        names |= {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)
                  and isinstance(part.ctx, ast.Store) and ast.unparse(part.value) == "self"}  # fmt: skip
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and call.args and ast.unparse(call.func) == "super().__setattr__":
                names |= {call.args[0].value} if isinstance(call.args[0], ast.Constant) else set()
    return frozenset(name for name in names if name.isidentifier())


def keras_optimizers(release: Release) -> None:
    """TensorFlow's base of all optimizers has a constructor that only hands on what it is given, as other backends do.

    Without it there is one base, whose constructor says what every optimizer takes.
    """
    tree = release.tree("keras.src.backend.tensorflow.optimizer")
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ClassDef) and node.name == "TFOptimizer":
            node.body = [item for item in node.body if not hands_on(item)] or [ast.Pass()]


def hands_on(item: ast.stmt) -> bool:
    """Whether it is a constructor that begins with `super().__init__(*args, **kwargs)` and takes nothing else."""
    if not isinstance(item, ast.FunctionDef) or item.name != "__init__":
        return False
    return ast.unparse(item.args) == "self, *args, **kwargs" and ast.unparse(item.body[0]) == (
        "super().__init__(*args, **kwargs)"
    )


def keras_given(release: Release, facts: Facts) -> None:
    """Attributes that models and layers get from elsewhere: a callback says `model.history = self`.

    In Keras 3 a layer has the names of its backend's modules, and a model made of tensors is of a class of its own.
    """
    given: set[str] = set()
    if release.has("keras.src.backend.torch"):
        given |= torch_module()
    for name, thing in list(facts.things.items()):
        if name.endswith(".functional.Functional"):
            given |= {*thing.members, *thing.attributes}
    for place in ("keras.src.models.functional", "keras.src.engine.functional", "keras.src.ops.function"):
        tree = release.tree(place) or ast.Module([], [])
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name in ("Functional", "Function"):
                given |= {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
                given |= {part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)
                          and isinstance(part.ctx, ast.Store)}  # fmt: skip
    for module in release.modules:
        tree = release.tree(module) if module.startswith("keras.") else None
        for node in ast.walk(tree) if tree is not None else ():
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and ast.unparse(node.value) != "self"
            ):
                given.add(node.attr)
    for name, thing in facts.things.items():
        if name.endswith((".Layer", ".Operation")) and thing.kind == "class":
            more = [attribute for attribute in sorted(given) if attribute not in thing.members and attribute[0] != "_"]
            thing.attributes = list(dict.fromkeys([*thing.attributes, *more]))


def torch_functions(release: Release) -> None:
    """`torch.*` is filled at run time with what its C library has, which two stubs list."""
    space = release.space("torch")
    for stub in ("torch._C._VariableFunctions", "torch._C"):
        for name, binding in release.space(stub).names.items():
            if not name.startswith("_") and not isinstance(binding, Reference):
                space.names.setdefault(name, binding)
    # The stubs leave some out.
    space.open, space.exported_for_sure = True, False


def torch_warnings(release: Release, facts: Facts) -> None:
    """Functions in C are documented from a module of their own, with what is deprecated."""
    tree = release.tree("torch._torch_docs")
    for node in ast.walk(tree) if tree is not None else ():
        if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "add_docstr" and len(node.args) == 2):
            continue
        name, text = ast.unparse(node.args[0]), " ".join(constant_text(node.args[1]).split())
        module, _, short = name.rpartition(".")
        said = re.search(rf"(?::func:`{re.escape(name)}`|\.\. warning:: This function) is deprecated", text)
        target = facts.modules[module].names.get(short, "") if module in facts.modules else ""
        if said is not None and target in facts.things:
            following = text[said.start() :]
            use = re.search(r"(?:in favou?r of|use|[Ii]nstead, use) :func:`~?([\w.]+)`", following)
            facts.things[target].deprecation = Deprecation("", use.group(1) if use is not None else "")


def matplotlib_maps(release: Release, facts: Facts) -> None:
    """`matplotlib.cm` has every colormap as a name: those of two tables, some under a second name, all reversed."""
    offered = facts.modules.get("matplotlib.cm")
    tree = release.tree("matplotlib.cm")
    if offered is None or tree is None:
        return
    names = [*release.strings("matplotlib._cm", "datad"), *release.strings("matplotlib._cm_listed", "cmaps")]
    for node in ast.walk(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Subscript) and ast.unparse(target.value) in ("cmap_d", "datad"):
            names += [str(target.slice.value)] if isinstance(target.slice, ast.Constant) else []
    fills = [line for line in (release.text("matplotlib.cm") or "").splitlines() if line.startswith("globals()")]
    if len(names) > 50 and fills == ["globals().update(_colormaps)"]:
        offered.open = False
        for name in names:
            for spelled in (name, name.removesuffix("_r") if name.endswith("_r") else f"{name}_r"):
                offered.names.setdefault(spelled, "")


def transformers_models(release: Release, facts: Facts) -> None:
    """Of thousands of models only how they are made is kept; the rest is inherited, or done in another way."""
    models = [
        thing
        for thing in facts.things.values()
        if thing.dotted.startswith("transformers.models.") and ".auto." not in thing.dotted and thing.kind == "class"
    ]

    @cache
    def had(dotted: str) -> frozenset[str]:
        """The members of a class and of its bases."""
        thing = facts.things.get(dotted)
        return frozenset() if thing is None else frozenset(thing.members).union(*map(had, thing.bases))

    for thing in models:
        inherited = {"__init__"}.union(*map(had, thing.bases))
        thing.members = {
            name: member if name == "__init__" else Member(member.kind)
            for name, member in thing.members.items()
            if name in inherited
        }
        thing.attributes, thing.open = [], True
    offered = facts.modules["transformers"]
    offered.names = {
        name: target
        for name, target in offered.names.items()
        if target in facts.things or not target.startswith("transformers.models.")
    }
    # Its imports for type checkers name all that its structure of lazy modules has, and more.
    facts.modules["transformers"].open = False


def airflow_parts(minor: str) -> tuple[tuple[str, str], ...]:
    """From 3.0 on the code is in two distributions; that of the task SDK counts from 1.0."""
    major, _, rest = minor.partition(".")
    return (("apache-airflow-core", minor), ("apache-airflow-task-sdk", f"1.{rest}")) if major == "3" else ()


def airflow_tables(release: Release, facts: Facts) -> None:
    """Modules and names that only tables have: `add_deprecated_classes({"python": {"PythonOperator": "..."}}, ...)`."""
    for module in release.modules:
        tree = release.tree(module) if "add_deprecated_classes(" in (release.text(module) or "") else None
        if tree is None or module not in facts.modules:
            continue
        tables = {ast.unparse(target): node.value for node in tree.body if isinstance(node, ast.Assign)
                  for target in node.targets}  # fmt: skip
        tables |= {ast.unparse(node.target): node.value for node in tree.body if isinstance(node, ast.AnnAssign)}
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "add_deprecated_classes" or not call.args:
                continue
            given = call.args[0]
            table = tables.get(ast.unparse(given), given)
            for key, names in zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) else ():
                short = key.value if isinstance(key, ast.Constant) else None
                place = f"{module}.{short}" if short is not None and short != module else module
                offered = facts.modules.setdefault(place, Offered({}, [], False, False))
                if isinstance(names, ast.Dict):
                    enter(names, place, offered, release, facts)
                else:
                    offered.open = True


def enter(names: ast.Dict, place: str, offered: Offered, release: Release, facts: Facts) -> None:
    for name, target in zip(names.keys, names.values, strict=True):
        if not isinstance(name, ast.Constant) or not isinstance(target, ast.Constant) or name.value == "*":
            offered.open = True
            continue
        found = release.resolve_dotted("", str(target.value))
        known = facts.things.get(found.dotted)
        dotted = f"{place}.{name.value}"
        fact = Deprecation("", str(target.value))
        if known is not None and known.kind == "class":
            facts.things[dotted] = Thing(dotted, "class", None, fact, bases=[known.dotted])
        else:
            kind, signature = (known.kind, known.signature) if known is not None else ("class", None)
            facts.things[dotted] = Thing(dotted, kind, signature, fact, open=True)
        offered.names[str(name.value)] = dotted


def _dotted(prefix: str, names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}.{name}" for name in names.split())


LIBRARIES: dict[str, Source] = {
    source.name: source
    for source in (
        Source("sklearn", "scikit-learn", "0.18", fully=True, after=(sklearn_requests,)),
        Source(
            "pandas", "pandas", "1.3", fully=True, after=(pandas_operators,),
            internal=_dotted("pandas", "core compat conftest io.formats io.excel io.json io.sas io.parsers"),
        ),
        Source(
            "numpy", "numpy", "1.20", after=(numpy_aliases,),
            internal=_dotted("numpy", "distutils f2py core compat doc ma.core ma.extras ma.timer_comparison ma.bench"),
        ),
        Source(
            "torch", "torch", "1.13", fully=True, before=(torch_functions,), after=(torch_warnings,),
            internal=_dotted(
                "torch",
                "ao fx. onnx. jit. package. quantization quantum distributed. testing utils.benchmark utils.hipify "
                "export. utils.bottleneck utils.data.datapipes utils.jit utils.serialization utils.viz contrib masked. "
                "func. nn.intrinsic nn.qat nn.quantizable nn.quantized nn.backends xpu. mtia. accelerator. compiler. "
                "nested. utils.tensorboard. utils.model_dump ",
            ),
        ),
        Source("torchvision", "torchvision", "0.14", internal=_dotted("torchvision", "prototype datasets. extension")),
        Source(
            "keras", "keras", "2.6", before=(keras_optimizers,),
            # What `tensorflow.keras` is has a place of its own in all versions.
            renamed={
                "keras.api._v2.keras": "keras._tf_keras.keras", "keras.api.": "keras.", "tensorflow.keras": "keras",
            },
            before_it={"2.4": "tensorflow-cpu", "2.5": "tensorflow-cpu"}, before_roots=("tensorflow",),
            made_of="tensorflow",
            also=("keras._tf_keras.",),
            forwards=True, after=(keras_given,),
            internal=_dotted(
                "keras",
                "src api keras engine saving. distribute feature_column integration_tests keras_parameterized "
                "combinations legacy_tf_layers premade testing_infra tools mixed_precision. layers. utils. protobuf "
                "dtensor initializers. optimizers. wrappers. saving estimator",
            ),
        ),
        Source(
            "tensorflow", "tensorflow-cpu", "2.2",
            renamed={
                "tensorflow_core._api.v1.": "tensorflow.", "tensorflow_core._api.v2.": "tensorflow.",
                "tensorflow_core": "tensorflow", "tensorflow._api.v1.": "tensorflow.",
                "tensorflow._api.v2.": "tensorflow.",
            },
            before_it={"1.15": "tensorflow-cpu", "2.0": "tensorflow", "2.1": "tensorflow-cpu"},
            before_roots=("tensorflow_core",), shown="tensorflow",
            elsewhere={"tensorflow.keras": "keras"},
            internal=_dotted(
                "tensorflow",
                "keras python core compiler lite. tools dtensor. compat.v1.compat compat.v1.keras compat.v1.lite. "
                "compat.v1.raw_ops compat.v2 contrib. include xla_aot_runtime_src raw_ops tsl "
                "distribute.experimental.rpc.proto",
            ),
        ),
        Source("xgboost", "xgboost", "1.3", fully=True, internal=_dotted("xgboost", "rabit spark. testing libpath")),
        Source("lightgbm", "lightgbm", "3.0", fully=True, internal=_dotted("lightgbm", "libpath compat")),
        Source("imblearn", "imbalanced-learn", "0.8", fully=True, internal=_dotted("imblearn", "utils.testing")),
        Source(
            "statsmodels", "statsmodels", "0.12",
            internal=_dotted("statsmodels", "sandbox compat datasets. src stats.libqsturng.make_tbls"),
        ),
        Source("seaborn", "seaborn", "0.11", fully=True, internal=_dotted("seaborn", "external cm colors")),
        Source(
            "matplotlib", "matplotlib", "3.4", fully=True, after=(matplotlib_maps,),
            internal=_dotted("matplotlib", "backends sphinxext testing."),
        ),
        Source(
            "pyspark", "pyspark", "3.3",
            internal=_dotted("pyspark", "pandas. cloudpickle errors. testing sql.connect sql.pandas ml.torch "
                             "ml.connect sql.tests streaming. resource. logger. worker shell pipelines."),
        ),
        Source(
            "airflow", "apache-airflow", "2.3", beside=airflow_parts, after=(airflow_tables,), forwards=True,
            internal=_dotted(
                "airflow",
                "www migrations api api_connexion api_fastapi api_internal auth cli. providers. ui kubernetes. task. "
                "ti_deps serialization. security. utils.log jobs. config_templates dag_processing. assets. contrib. "
                "lineage. listeners. metrics. policies. stats. traces. sdk.execution_time sdk.api sdk.definitions "
                "sdk.log secrets. example_dags sdk.types _shared",
            ),
        ),
        Source("gym", "gym", "0.18", internal=_dotted("gym", "envs. vector. utils. ")),
        Source("gymnasium", "gymnasium", "0.26", internal=_dotted("gymnasium", "envs. experimental. utils. ")),
        Source(
            "scipy", "scipy", "1.0", before=(scipy_native,), after=(scipy_documented, scipy_numpy),
            internal=_dotted("scipy", "weave special.cython_special linalg.cython_blas linalg.cython_lapack"),
        ),
        Source("optuna", "optuna", "2.10", internal=_dotted("optuna", "storages. multi_objective dashboard cli")),
        Source("category_encoders", "category_encoders", "2.2"),
        Source("catboost", "catboost", "1.0", internal=_dotted("catboost", "widget hnsw")),
        Source(
            "pytorch_lightning", "pytorch-lightning", "1.8",
            internal=_dotted("pytorch_lightning", "trainer. utilities."),
        ),
        Source(
            "lightning", "lightning", "1.8",
            internal=_dotted("lightning", "app fabric. pytorch.trainer. pytorch.utilities. store data"),
        ),
        Source(
            "polars", "polars", "0.20",
            internal=_dotted("polars", "testing. io. interchange ml datatypes. functions. dataframe. expr. lazyframe. "
                             "series. convert. meta. sql. selectors. string_cache"),
        ),
        Source(
            "transformers", "transformers", "4.30", fully=True, internal=("transformers.",),
            after=(transformers_models,),
            made=(
                "DummyObject", "Tokenizer", "TokenizerFast", "ImageProcessor", "ImageProcessorFast", "FeatureExtractor",
            ),
            only=("4.30", "4.35", "4.38", "4.41", "4.44", "4.46", "4.48", "4.51", "4.54", "4.57", "5.0"),
        ),
    )
}  # fmt: skip
