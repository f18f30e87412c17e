"""What one release offers, as plain records: modules with their names, classes and functions with what they take.

Facts only: names, kinds, defaults, literal values, versions. Of a docstring or a warning nothing is kept but the
version it gives and the name it says to use instead.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from source import FUNCTIONS, Definition, Found, Release, Value, dotted_name, executed, is_overload, targets_of

LONGEST_DEFAULT = 48
KEEPING = {
    "staticmethod", "classmethod", "abstractmethod", "overload", "override", "final", "wraps", "lru_cache", "cache",
    "contextmanager", "asynccontextmanager", "singledispatch", "singledispatchmethod", "no_type_check", "deprecated",
    "no_grad", "enable_grad", "inference_mode", "set_module", "array_function_dispatch", "finalize_array_function_like",
    "keras_export", "tf_export", "doc", "Appender", "Substitution", "jit", "njit", "guvectorize", "wrap_tf_function",
    "runtime_checkable", "total_ordering", "skip_if_undef", "array_function_from_c_func_and_dispatcher",
}  # fmt: skip
PROPERTIES = {"property", "cached_property", "cache_readonly", "abstractproperty", "classproperty", "lazyproperty",
              "deprecated_property", "cache_writable", "lazy_property", "non_deprecated_property"}  # fmt: skip
# Decorators that warn of arguments by position and take nothing for themselves.
ONLY_WARNING = {"deprecate_nonkeyword_arguments", "_deprecate_positional_args", "make_keyword_only", "validate_params",
                "deprecate_positional_args", "_deprecate_nonkeyword_arguments"}  # fmt: skip
# Bases that bring no attribute a program would use, and metaclasses that make none.
HARMLESS = {"object", "abc.ABC", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol", "Generic"}
# Methods that give `self` attributes by name which `__init__` has anyway.
RESTORING = {"set_params", "_set_params", "__setstate__", "_replace_estimator", "__setattr__", "update_params"}


@dataclass(frozen=True)
class Deprecation:
    """`version` is empty where the source does not say it."""

    version: str = ""
    replacement: str = ""


@dataclass
class Taken:
    """A parameter; `default` None where there is none, `values` what its annotation lists."""

    name: str
    kind: str  # as in a signature's text: "/" before it, "" either way, "*" by keyword, "**", "*args"
    default: str | None = None
    values: tuple[str, ...] = ()
    others: bool = False
    deprecation: Deprecation | None = None


@dataclass
class Signature:
    parameters: list[Taken]
    certain: bool = True

    def text(self) -> str:
        """Python's own notation; an annotation holds what is known: `['a', 'b', ...]`, `d('1.2', 'new')`."""
        parts: list[str] = []
        starred = False
        for index, taken in enumerate(self.parameters):
            if taken.kind == "*" and not starred:
                parts.append("*")
                starred = True
            starred = starred or taken.kind == "*args"
            prefix = {"*args": "*", "**": "**"}.get(taken.kind, "")
            listed = "[" + ", ".join([*map(repr, taken.values), *(["..."] if taken.others else [])]) + "]"
            note = listed if taken.values else ""
            if taken.deprecation is not None:
                facts = [
                    repr(taken.deprecation.version),
                    repr(taken.deprecation.replacement),
                    *([note] if note else []),
                ]
                note = f"d({', '.join(facts)})"
            text = prefix + taken.name + (f": {note}" if note else "")
            parts.append(text + (f"={taken.default}" if taken.default is not None else ""))
            following = self.parameters[index + 1].kind if index + 1 < len(self.parameters) else ""
            if taken.kind == "/" and following != "/":
                parts.append("/")
        return ("" if self.certain else "~") + "(" + ", ".join(parts) + ")"


@dataclass
class Member:
    kind: str  # m method, c class method, s static method, p property, v class attribute
    signature: Signature | None = None
    deprecation: Deprecation | None = None


@dataclass
class Thing:
    """A class, a function or a constant; its dotted name is where its source stands."""

    dotted: str
    kind: str  # class, function, constant
    signature: Signature | None = None
    deprecation: Deprecation | None = None
    bases: list[str] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    attributes: list[str] = field(default_factory=list)
    gone: Deprecation | None = None  # still there, but only to say that it was removed
    open: bool = False  # names that its text does not show: a base outside, attributes made at run time
    getattr: bool = False  # has `__getattr__`


@dataclass
class Offered:
    """A public module: name -> where it leads. "" for a constant, "~x" for another library's x, "?" for C code."""

    names: dict[str, str]
    exports: list[str]
    sure: bool
    open: bool
    deprecation: Deprecation | None = None


@dataclass
class Facts:
    modules: dict[str, Offered]
    things: dict[str, Thing]


# Versions and replacements in texts

_NAME = r"(?:~?\.?)([A-Za-z_][\w.]*\w)"
_ADVICE = r"(?:[Uu]se|[Ii]n favou?r of|[Rr]eplaced (?:by|with)|[Rr]enamed (?:to|as|into))\s+"
_INSTEAD = (
    re.compile(
        rf"{_ADVICE}(?:the\s+)?(?:(?:function|method|class|parameter|argument|keyword|option|attribute)\s+)?"
        rf"(?::[\w:]+:)?[`'\"]+{_NAME}"
    ),
    re.compile(rf"{_ADVICE}{_NAME}(?:\(\))?(?= instead|\.?$|\. |, | \(note)"),
    re.compile(r"(?:[Uu]se|in favou?r of)\s+([A-Za-z_]\w*\.[\w.]*\w|\w+)\(\)"),
    re.compile(rf"[Uu]se one of the (?:class )?methods:?\s+{_NAME}"),
    re.compile(r"[Ii]mport (?:this functionality |it )?(?:directly )?from ([a-z_][\w.]*\w)"),
)
_SINCE = re.compile(
    r"(?:deprecated|renamed)\b[^\d]{0,50}?(?:in|since|from)\s+(?:[Vv]ersion\s+)?(?:[A-Za-z-]+\s+)?v?(\d+\.\d+)"
)
_WORDS = set("the a an it this that is its keyword one only with instead version case".split())


_IMPORT = re.compile(r"[Ii]mport\s+`*([\w.]+)`*\s+from\s+`*(\w[\w.]*\w)`*")


def instead(text: str) -> str:
    """The name that a text says to use, import or call in place of another; "" where it names none."""
    # The host of an address is no name.
    text = " ".join(re.sub(r"https?://\S+", "", text).split())
    if (match := _IMPORT.search(text)) is not None and match.group(1) not in ("it", "functionality", "directly"):
        return f"{match.group(2)}.{match.group(1)}"
    for pattern in _INSTEAD:
        match = pattern.search(text)
        if match is not None and match.group(1).lower() not in _WORDS:
            return match.group(1).rstrip(".")
    return ""


def deprecation_in(text: str) -> Deprecation:
    match = _SINCE.search(" ".join(text.split()))
    return Deprecation(match.group(1) if match else "", instead(text))


@dataclass(frozen=True)
class Documented:
    whole: Deprecation | None
    parameters: dict[str, Deprecation]
    attributes: tuple[str, ...]


_DIRECTIVE = re.compile(r"^(\s*)\.\. deprecated::\s*v?(\d+\.\d+)?")
_ENTRY = re.compile(r"^\*{0,2}(\w+(?:\s*,\s*\*{0,2}\w+)*)\s*(?::.*)?$")


def documented(text: str | None) -> Documented:
    """The `deprecated` directives of a numpydoc docstring by what they stand under, and the attributes it lists."""
    if not text or ("deprecated" not in text and "Attributes" not in text):
        return Documented(None, {}, ())
    lines = inspect.cleandoc(text).splitlines()
    section, names = "", []
    whole: Deprecation | None = None
    parameters: dict[str, Deprecation] = {}
    attributes: list[str] = []
    for index, line in enumerate(lines):
        if index + 1 < len(lines) and re.fullmatch(r"[-=]{3,}\s*", lines[index + 1]) and line.strip():
            section, names = line.strip(), []
            continue
        if section in ("Parameters", "Other Parameters", "Attributes") and line and not line[0].isspace():
            match = _ENTRY.match(line)
            names = [name.strip().lstrip("*") for name in match.group(1).split(",")] if match else []
            if section == "Attributes":
                attributes += names
        directive = _DIRECTIVE.match(line)
        if directive is not None:
            indent, body = len(directive.group(1)), [line.partition("::")[2]]
            for following in lines[index + 1 :]:
                if following.strip() and len(following) - len(following.lstrip()) <= indent:
                    break
                body.append(following)
            fact = Deprecation(directive.group(2) or "", instead("\n".join(body)))
            if not section:
                whole = whole or fact
            elif section != "Attributes":
                parameters.update(dict.fromkeys(names, fact))
    return Documented(whole, parameters, tuple(attributes))


def constant_text(node: ast.AST | None) -> str:
    """The literal parts of a string expression."""
    if node is None:
        return ""
    return " ".join(
        part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def fills_itself(text: str) -> bool:
    """Whether a module makes names for itself at run time."""
    made = r"(globals|locals|vars)\(\)(\[[^\]]*\]\s*=[^=]|\.update)|setattr\(sys\.modules|sys\.modules\[__name__\]\s*="
    return re.search(made, text) is not None


class Reader:
    """Reads one release. `internal` are prefixes of modules whose names are not for users.

    `outside` reads another library, of which classes here are made. `also`: modules for users in spite of their names.
    `fully`: types that are imported for type checkers are followed, and modules that are not for users are named.
    """

    def __init__(self, release: Release, internal: tuple[str, ...] = (), outside: Reader | None = None,
                 also: tuple[str, ...] = (), fully: bool = False) -> None:  # fmt: skip
        self.release = release
        self.fully = fully
        self.also = also
        self.internal = internal
        self.outside = outside
        self.constructors: dict[str, ast.FunctionDef] = {}
        self.methods: dict[str, dict[str, ast.stmt]] = {}
        self.things: dict[str, Thing] = {}
        self._keeps: dict[str, bool] = {}
        self._typed: dict[str, dict[str, tuple[str, str]]] = {}
        self._takes: dict[str, bool] = {}

    def public(self, module: str) -> bool:
        """`internal` prefixes that end with a dot keep the package itself."""
        if module.partition(".")[0] != self.release.roots[0]:
            return False
        if any((module + ".").startswith(prefix if prefix[-1] == "." else prefix + ".") and module != prefix[:-1]
               for prefix in self.internal):  # fmt: skip
            return False
        return (module + ".").startswith(self.also) or not any(part.startswith("_") for part in module.split("."))

    def read(self) -> Facts:
        modules = {module: self.module(module) for module in self.release.modules if self.public(module)}
        for statement in self._module_statements(root := self.release.roots[0]):
            for target in targets_of(statement):
                # What the library puts onto one of its modules from outside.
                owner = dotted_name(target.value) if isinstance(target, ast.Attribute) else None
                found = self.release.resolve_dotted(root, owner) if owner else None
                if isinstance(target, ast.Attribute) and found and found.kind == "module" and found.dotted in modules:
                    modules[found.dotted].names.setdefault(target.attr, "")
                    if self.release.space(found.dotted).exported is None and not target.attr.startswith("_"):
                        modules[found.dotted].exports.append(target.attr)
        for module in self.release.modules if self.fully else ():
            # What is not for users may all the same be asked for.
            package, _, last = module.rpartition(".")
            if package in modules and module not in modules and not last.startswith("_"):
                modules[package].names.setdefault(last, module)
        return Facts(modules, self.things)

    # Modules

    def module(self, module: str) -> Offered:
        space = self.release.space(module)
        exports, sure = self.release.exports(module)
        opened = space.open
        dynamic: list[str] = []
        hook = space.names.get("__getattr__")
        if isinstance(hook, Definition) and hook.module == module and space.open:
            names = answering(hook.node) if isinstance(hook.node, ast.ClassDef) else self.answered(module, hook.node)
            if names is not None and not self.opened_otherwise(module):
                opened, dynamic = False, names
                sure = sure or (space.exported is None and space.certain)
        listed = [name for name in space.names if not name.startswith("_")]
        loaded = [name for name in self.release.loaded_children(module) if not name.startswith("_")]
        found: dict[str, str] = {}
        for name in dict.fromkeys([*listed, *exports, *loaded, *dynamic]):
            found[name] = self.target(self.release.resolve(module, name))
        tree = self.release.tree(module)
        fact = warned(tree.body) if tree is not None else None
        return Offered(found, [name for name in exports if name in found], sure, opened, fact)

    def opened_otherwise(self, module: str) -> bool:
        """Whether anything but its `__getattr__` opens a module."""
        space = self.release.space(module)
        if not space.certain and space.exported is None:
            return True
        return fills_itself(self.release.text(module) or "")

    def answered(self, module: str, node: ast.stmt) -> list[str] | None:
        """The names a module's `__getattr__` gives something for; None where they cannot be told."""
        if not isinstance(node, ast.FunctionDef) or not node.args.args:
            return None
        asked = node.args.args[0].arg
        found: list[str] = []

        def names_of(test: ast.expr) -> list[str] | None:
            if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
                parts = [names_of(value) for value in test.values]
                return None if any(part is None for part in parts) else [name for part in parts for name in part or []]
            if isinstance(test, ast.BoolOp):
                parts = [names_of(value) for value in test.values]
                return next((part for part in parts if part is not None), None)
            if isinstance(test, ast.Compare) and dotted_name(test.left) == asked and len(test.ops) == 1:
                if isinstance(test.ops[0], ast.Eq) and isinstance(test.comparators[0], ast.Constant):
                    return [str(test.comparators[0].value)]
                if isinstance(test.ops[0], ast.In):
                    return self.release._strings(module, test.comparators[0], self.release.space(module))
            return None

        def walk(body: Iterable[ast.stmt], names: list[str] | None) -> bool:
            for item in body:
                if isinstance(item, ast.Return):
                    if item.value is None or ast.unparse(item.value) == f"globals()[{asked}]":
                        continue
                    if names is None:
                        return False
                    found.extend(names)
                elif isinstance(item, ast.If):
                    if not walk(item.body, names_of(item.test) or names) or not walk(item.orelse, names):
                        return False
                elif isinstance(item, (ast.With, ast.For, ast.While)):
                    if not walk(item.body, names):
                        return False
                elif isinstance(item, ast.Try):
                    inner = [*item.body, *item.orelse, *item.finalbody]
                    if not walk(inner, names) or not all(walk(handler.body, names) for handler in item.handlers):
                        return False
            return True

        return found if walk(node.body, None) else None

    def target(self, found: Found) -> str:
        if found.kind in ("class", "function") and isinstance(found.what, Definition):
            self.thing(found)
            return found.dotted
        if found.kind == "module":
            return found.dotted
        if found.kind == "foreign":
            return "~" + found.dotted
        if found.kind == "native":
            return "?"
        return self.value(found)

    def value(self, found: Found) -> str:
        """A constant; in stubs a function may be spelt as a variable with the type of ufuncs."""
        value = found.what
        if isinstance(value, Value) and value.annotated and value.node is not None:
            text = ast.unparse(value.node)
            if re.search(r"ufunc|Callable|_UFunc", text, re.IGNORECASE):
                self.things.setdefault(found.dotted, Thing(found.dotted, "function"))
                return found.dotted
            if re.match(r"(builtins\.)?(type|Type)\[", text):
                self.things.setdefault(found.dotted, Thing(found.dotted, "class", open=True))
                return found.dotted
        return ""

    # Classes and functions

    def thing(self, found: Found) -> Thing:
        if found.dotted in self.things:
            return self.things[found.dotted]
        definition = found.what
        assert isinstance(definition, Definition)
        if isinstance(definition.node, ast.ClassDef):
            thing = self.things[found.dotted] = Thing(found.dotted, "class")
            self.read_class(definition, definition.node, thing)
            made = self.constructors.get(found.dotted)
            thing.gone = self.gone(definition.module, made)
            if made is not None and ast.unparse(made).endswith(":\n    super().__init__(*args, **kwargs)"):
                thing.gone = next((self.things[base].gone for base in thing.bases if base in self.things), None)
        else:
            thing = self.things[found.dotted] = Thing(found.dotted, "function")
            thing.signature = self.signature(definition.module, definition.nodes, definition.stub)
            thing.deprecation = self.deprecation(definition.node)
            thing.gone = self.gone(definition.module, definition.node)
        return thing

    def read_class(self, definition: Definition, node: ast.ClassDef, thing: Thing) -> None:
        module = definition.module
        for base in node.bases:
            self.read_base(module, base, thing)
        for keyword in node.keywords:
            if keyword.arg == "metaclass" and (dotted_name(keyword.value) or "").rpartition(".")[2] not in (
                "ABCMeta",
                "type",
            ):
                thing.open = True
        doc = documented(ast.get_docstring(node, clean=False))
        thing.deprecation = doc.whole or self.deprecation(node)
        fields: list[Taken] = []
        attributes: dict[str, None] = dict.fromkeys(doc.attributes)
        bodies: dict[str, list[ast.stmt]] = {}
        for item in executed(node.body):
            if isinstance(item, FUNCTIONS):
                bodies.setdefault(item.name, []).append(item)
            elif isinstance(item, ast.ClassDef):
                thing.members[item.name] = Member("v")
            elif isinstance(item, (ast.Import, ast.ImportFrom)):
                for alias in item.names:
                    thing.members[(alias.asname or alias.name).partition(".")[0]] = Member("v")
            elif isinstance(item, (ast.Assign, ast.AnnAssign)):
                self.read_class_value(item, thing, fields)
            elif isinstance(item, ast.For):
                # Its variable stays behind as an attribute of the class.
                names = [target.id for target in targets_of(item) if isinstance(target, ast.Name)]
                thing.members.update({name: Member("v") for name in names})
                text = ast.unparse(item)
                thing.open = thing.open or re.search(r"locals\(\)|vars\(\)|setattr\(|exec\(", text) is not None
        self.methods[thing.dotted] = {name: items[-1] for name, items in bodies.items()}
        if isinstance(constructor := self.methods[thing.dotted].get("__init__"), ast.FunctionDef):
            self.constructors[thing.dotted] = constructor
        for name, items in bodies.items():
            self.read_method(module, name, items, thing, attributes)
        self.apply_documented(doc, thing)
        self.read_decorators(module, node, thing, fields)
        self.read_outside(module, node.name, thing)
        if definition.stub:
            # What C code does is not bound by what a stub says of it.
            thing.open = True
            for member in thing.members.values():
                if member.signature is not None:
                    member.signature.certain = False
        thing.attributes = [name for name in attributes if name not in thing.members and not name.startswith("_")]

    def apply_documented(self, doc: Documented, thing: Thing) -> None:
        made = thing.members.get("__init__")
        if made is not None and made.signature is not None:
            for taken in made.signature.parameters:
                taken.deprecation = taken.deprecation or doc.parameters.get(taken.name)

    def read_base(self, module: str, base: ast.expr, thing: Thing) -> None:
        while isinstance(base, ast.Subscript):
            base = base.value
        name = dotted_name(base)
        if name is None:
            thing.open = True
            return
        found = self.release.resolve_dotted(module, name)
        if found.kind == "class":
            thing.bases.append(self.thing(found).dotted)
        elif found.kind == "foreign" and found.dotted in HARMLESS:
            if found.dotted.endswith("Protocol"):
                # Made by structure, not by calling.
                thing.members.setdefault("__init__", Member("m"))
        elif found.kind == "foreign" and (name_outside := self.class_outside(found.dotted)):
            thing.bases.append(name_outside)
        elif found.kind == "foreign" and found.dotted in ("typing.NamedTuple",):
            thing.bases.append("builtins.tuple")
            thing.open = True
        elif found.kind == "native" and name in HARMLESS:
            pass
        elif found.kind == "native" and isinstance(getattr(builtins, name, None), type):
            thing.bases.append(f"builtins.{name}")
        else:
            thing.open = True

    def class_outside(self, dotted: str) -> str:
        """The class of another library, read with its bases; "" where there is none to be read."""
        if self.outside is None:
            return ""
        found = self.outside.release.resolve_dotted("", dotted.replace(".compat.v2.", "."))
        if found.kind != "class":
            return ""
        self.outside.thing(found)
        self.things.update(self.outside.things)
        return found.dotted

    def read_class_value(self, item: ast.Assign | ast.AnnAssign, thing: Thing, fields: list[Taken]) -> None:
        for target in targets_of(item):
            if not isinstance(target, ast.Name):
                continue
            if isinstance(item, ast.AnnAssign):
                default = None if item.value is None else shortened(item.value)
                if not (dotted_name(item.annotation) or ast.unparse(item.annotation)).startswith(
                    ("ClassVar", "typing.ClassVar")
                ):
                    fields.append(Taken(target.id, "", default))
                if item.value is None:
                    # Only an annotation: an attribute of instances, made somewhere.
                    thing.members.setdefault(target.id, Member("v"))
                    continue
            value = item.value
            alias = dotted_name(value)
            if alias in thing.members:
                thing.members[target.id] = thing.members[alias]
            else:
                wrapped = (
                    isinstance(value, ast.Call) and (dotted_name(value.func) or "").rpartition(".")[2] in PROPERTIES
                )
                thing.members[target.id] = Member("p" if wrapped else "v")

    def read_method(
        self, module: str, name: str, items: list[ast.stmt], thing: Thing, attributes: dict[str, None]
    ) -> None:
        if name in ("__getattr__", "__getattribute__"):
            thing.getattr = True
        decorators = {
            (dotted_name(call.func if isinstance(call, ast.Call) else call) or "").rpartition(".")[2]: call
            for item in items
            for call in getattr(item, "decorator_list", [])
        }
        real = [item for item in items if not is_overload(item)] or items
        node = real[-1]
        assert isinstance(node, FUNCTIONS)
        for item in items:
            self.read_attributes(item, thing, attributes)
        if name.startswith("_") and name not in ("__init__", "__new__", "__call__"):
            return
        if decorators.keys() & PROPERTIES or {"setter", "getter"} & decorators.keys():
            # The getter carries what is said of a property; its setter comes later.
            first = next((item for item in items if not is_setter(item)), node)
            thing.members[name] = Member("p", None, self.deprecation(first))
            return
        kind = "c" if "classmethod" in decorators else "s" if "staticmethod" in decorators else "m"
        thing.members[name] = Member(kind, self.signature(module, tuple(items)), self.deprecation(node))

    def read_attributes(self, item: ast.stmt, thing: Thing, attributes: dict[str, None]) -> None:
        if not isinstance(item, FUNCTIONS) or not item.args.args:
            return
        me = item.args.args[0].arg
        for node in ast.walk(item):
            if isinstance(node, ast.stmt):
                for target in targets_of(node):
                    if isinstance(target, ast.Attribute) and dotted_name(target.value) == me:
                        attributes[target.attr] = None
                    elif isinstance(target, ast.Subscript) and ast.unparse(target.value) in (
                        f"{me}.__dict__",
                        f"vars({me})",
                    ):
                        self.more_names(me, thing)
            if isinstance(node, ast.Call):
                self.read_setattr(item.name, me, node, thing, attributes)

    def more_names(self, me: str, thing: Thing) -> None:
        """Of the class itself, or only of its instances, as `__getattr__` does."""
        if me in ("cls", "klass"):
            thing.open = True
        else:
            thing.getattr = True

    def read_setattr(self, method: str, me: str, call: ast.Call, thing: Thing, attributes: dict[str, None]) -> None:
        name = dotted_name(call.func) or ""
        if name == "setattr" and call.args and ast.unparse(call.args[0]) in (f"{me}.__class__", f"type({me})"):
            thing.open = True
        elif name == "setattr" and call.args and dotted_name(call.args[0]) == me:
            if len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
                attributes[str(call.args[1].value)] = None
            elif method not in RESTORING:
                self.more_names(me, thing)
        elif name == f"{me}.__dict__.update" and method not in RESTORING:
            self.more_names(me, thing)
        elif (
            name in (f"{me}.register_buffer", f"{me}.register_parameter", f"{me}.add_module")
            and call.args
            and isinstance(call.args[0], ast.Constant)
        ):
            attributes[str(call.args[0].value)] = None

    def read_decorators(self, module: str, node: ast.ClassDef, thing: Thing, fields: list[Taken]) -> None:
        for decorator in node.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = dotted_name(call) or ""
            short = name.rpartition(".")[2]
            if short == "dataclass":
                self.read_dataclass(decorator, thing, fields)
            elif name in ("attrs.define", "attr.define", "define"):
                self.read_attrs(node, thing)
            elif short not in KEEPING:
                found = self.release.resolve_dotted(module, name)
                what = found.what
                text = ast.unparse(what.node) if isinstance(what, Definition) else None
                if text is None or "setattr(" in text:
                    thing.open = True
                if text is None or re.search(r"__init__|signature|type\(", text):
                    # How instances are made may be up to the decorator.
                    thing.members["__init__"] = Member("m")
        if "builtins.tuple" in thing.bases and "__new__" not in thing.members and fields:
            thing.members["__new__"] = Member("s", Signature([Taken("cls", ""), *fields]))

    def read_dataclass(self, decorator: ast.expr, thing: Thing, fields: list[Taken]) -> None:
        options = {word.arg: word.value for word in decorator.keywords} if isinstance(decorator, ast.Call) else {}
        given = options.get("init")
        if "__init__" in thing.members or (isinstance(given, ast.Constant) and given.value is False):
            return
        inherited: dict[str, Taken] = {}
        for base in reversed(thing.bases):
            made = self.things[base].members.get("__init__") if base in self.things else None
            for taken in made.signature.parameters[1:] if made is not None and made.signature is not None else []:
                inherited[taken.name] = taken
        inherited.update({taken.name: field_default(taken) for taken in fields})
        starred = any(taken.kind in ("*args", "**") for taken in inherited.values())
        if starred or "kw_only" in options or thing.open or any(taken.name in ("_", "KW_ONLY") for taken in fields):
            signature = None
        else:
            kept = [taken for taken in inherited.values() if taken.default != "<none>"]
            signature = Signature([Taken("self", ""), *kept])
        thing.members["__init__"] = Member("m", signature)

    def read_attrs(self, node: ast.ClassDef, thing: Thing) -> None:
        """`attrs.define`: the fields of the class are what it is made with; which by position is up to more."""
        if "__init__" in thing.members:
            return
        taken: list[Taken] = []
        given = {ast.unparse(d) for item in node.body for d in getattr(item, "decorator_list", [])}
        for item in node.body:
            if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
                continue
            if ast.unparse(item.annotation).startswith(("ClassVar", "typing.ClassVar")):
                continue
            call = item.value if isinstance(item.value, ast.Call) else None
            is_field = call is not None and (dotted_name(call.func) or "").rpartition(".")[2] in ("field", "ib")
            words = {word.arg: word.value for word in call.keywords} if call is not None and is_field else {}
            if literal(words.get("init")) is False:
                continue
            name = str(literal(words.get("alias")) or item.target.id.lstrip("_"))
            default = item.value if not is_field else words.get("default")
            text = shortened(default) if default is not None else None
            made = "factory" in words or f"{item.target.id}.default" in given
            taken.append(Taken(name, "", "..." if text is None and made else text))
        inherits = any(base in self.things for base in thing.bases) or thing.open
        order = sorted(taken, key=lambda item: item.default is not None)
        thing.members["__init__"] = Member("m", None if inherits else Signature([Taken("self", ""), *order]))

    def read_outside(self, module: str, name: str, thing: Thing) -> None:
        """What the module does to the class after its body."""
        for node in self._module_statements(module):
            for target in targets_of(node):
                if isinstance(target, ast.Attribute) and dotted_name(target.value) == name:
                    thing.members.setdefault(target.attr, Member("v"))
            call = node.value if isinstance(node, ast.Expr) else None
            if isinstance(call, ast.Call):
                given = [dotted_name(argument) for argument in call.args]
                # Registering a class leaves it as it is.
                harmless = (
                    (dotted_name(call.func) or "").rpartition(".")[2].startswith(("register", "_register", "print"))
                )
                if name in given and not harmless:
                    thing.open = True

    @cache  # noqa: B019
    def _module_statements(self, module: str) -> tuple[ast.stmt, ...]:
        tree = self.release.tree(module)
        return tuple(executed(tree.body)) if tree is not None else ()

    def forget(self) -> None:
        """Lets go of the trees, which are big."""
        self._module_statements.cache_clear()

    # Signatures

    def signature(self, module: str, nodes: tuple[ast.stmt, ...], stub: bool = False) -> Signature | None:
        real = [node for node in nodes if not is_overload(node)]
        if real:
            found_ = self.one_signature(module, real[-1])
            return found_ if found_ is None or not stub else replace(found_, certain=False)
        found = [self.one_signature(module, node) for node in nodes]
        kept = [signature for signature in found if signature is not None]
        return replace(merged(kept), certain=False) if kept and len(kept) == len(found) else None

    def one_signature(self, module: str, node: ast.stmt) -> Signature | None:
        assert isinstance(node, FUNCTIONS)
        extra: list[Taken] = []
        deleted: dict[str, Deprecation] = {}
        certain = True
        by_position = False
        for decorator in node.decorator_list:
            call = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = dotted_name(call) or ""
            short = name.rpartition(".")[2]
            if "deprecate_kwarg" in short or short.lstrip("_") in ("rename_parameter", "deprecate_renamed_parameter"):
                extra += renamed_parameter(short.lstrip("_"), decorator)
            elif short == "delete_parameter":
                deleted.update(deleted_parameter(decorator))
            elif short == "_preprocess_data":
                extra.append(Taken("data", "*", "None"))
            elif short == "_copy_docstring_and_deprecators" and isinstance(decorator, ast.Call):
                going = self.going_parameters(module, dotted_name(decorator.args[0]) or "")
                extra += [item for item in going if item.default == "..."]
                deleted.update({item.name: item.deprecation for item in going if item.deprecation is not None})
            elif short == "array_function_from_c_func_and_dispatcher":
                # The C function behind it takes some of these by position only.
                certain = False
            elif short == "_deprecate_positional_args" and not self.is_defined(module, name):
                # XGBoost's: it warns of arguments by position, and hands them on by the names behind the `*`.
                by_position = True
            elif not self.keeps_signature(module, name):
                return None
            elif self.takes_more(module, name):
                certain = False
        doc = documented(ast.get_docstring(node, clean=False))
        taken = [self.with_values(module, item, annotation) for item, annotation in parameters_of(node.args)]
        for item in taken:
            item.deprecation = doc.parameters.get(item.name) or deleted.get(item.name)
            if by_position and item.kind == "*":
                item.kind = ""
        names = {item.name for item in taken}
        extra = [item for item in extra if item.name not in names]
        end = [item for item in taken if item.kind == "**"]
        return Signature([item for item in taken if item.kind != "**"] + extra + end, certain)

    def going_parameters(self, module: str, method: str) -> list[Taken]:
        """The deprecated parameters of `Axes.hist`."""
        owner, _, name = method.rpartition(".")
        found = self.release.resolve_dotted(module, owner) if owner else None
        waiting = [self.thing(found).dotted] if found is not None and found.kind == "class" else []
        while waiting:
            thing = self.things.get(waiting.pop(0))
            member = thing.members.get(name) if thing is not None else None
            if member is not None:
                given = member.signature.parameters if member.signature is not None else []
                return [item for item in given if item.deprecation is not None]
            waiting += thing.bases if thing is not None else []
        return []

    def is_defined(self, module: str, decorator: str) -> bool:
        """Whether a decorator is a function of the library, and no value that another one made."""
        return isinstance(self.release.resolve_dotted(module, decorator).what, Definition)

    def keeps_signature(self, module: str, decorator: str) -> bool:
        """Whether what it decorates can still be called in the same way, as far as its own source tells."""
        short = decorator.rpartition(".")[2]
        if short in KEEPING or short in PROPERTIES or short in ("setter", "getter", "deleter", "register"):
            return True
        found = self.release.resolve_dotted(module, decorator)
        what = found.what
        if not isinstance(what, Definition):
            return False
        if found.dotted not in self._keeps:
            text = ast.unparse(what.node)
            given = {arg.arg for node in ast.walk(what.node) if isinstance(node, FUNCTIONS) for arg in node.args.args}
            returned = {dotted_name(node.value) for node in ast.walk(what.node) if isinstance(node, ast.Return)}
            # What takes keywords away, or makes keywords of positions, can be called in other ways, too.
            changes = re.search(r"kwargs\.(pop|update)\(", text) is not None
            self._keeps[found.dotted] = not changes and bool(
                re.search(
                    r"wraps\(|update_wrapper\(|make_decorator\(|__wrapped__|@.*available_if|available_if\(|@.*deprecated",
                    text,
                )
                or given & returned
            )
        return self._keeps[found.dotted]

    def takes_more(self, module: str, decorator: str) -> bool:
        """Whether a decorator may take keywords for itself, besides those of what it decorates."""
        short = decorator.rpartition(".")[2]
        if short in KEEPING or short in PROPERTIES or short in ONLY_WARNING:
            return False
        found = self.release.resolve_dotted(module, decorator)
        if not isinstance(found.what, Definition):
            return False
        if found.dotted not in self._takes:
            text = ast.unparse(found.what.node)
            self._takes[found.dotted] = (
                re.search(
                    r"\b(kwargs|kwds|kw)(\.pop|\.get|\.setdefault|\[)|in (kwargs|kwds|kw)\b|__signature__|Parameter\(",
                    text,
                )
                is not None
            )
        return self._takes[found.dotted]

    def with_values(self, module: str, taken: Taken, annotation: ast.expr | None) -> Taken:
        if annotation is None:
            return taken
        values, others = self.values(module, annotation)
        return replace(taken, values=tuple(dict.fromkeys(values)), others=others) if values else taken

    def values(self, module: str, node: ast.expr | None, depth: int = 0) -> tuple[list[str], bool]:
        """The strings a type lists, and whether other values than these, True, False and None have that type, too."""
        if node is None or depth > 8:
            return [], True
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                try:
                    return self.values(module, ast.parse(node.value, mode="eval").body, depth + 1)
                except SyntaxError:
                    return [], True
            return [], node.value is not None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            left, right = self.values(module, node.left, depth + 1), self.values(module, node.right, depth + 1)
            return left[0] + right[0], left[1] or right[1]
        if isinstance(node, ast.Subscript):
            name = (dotted_name(node.value) or "").rpartition(".")[2]
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if name == "Literal":
                found: list[str] = []
                other = False
                for item in inner:
                    if isinstance(item, ast.Constant) and isinstance(item.value, str):
                        found.append(item.value)
                    elif isinstance(item, ast.Constant) and (item.value is None or isinstance(item.value, bool)):
                        continue
                    else:
                        more, open_ = self.values(module, item, depth + 1)
                        found, other = found + more, other or open_
                return found, other
            if name in ("Union", "Optional"):
                parts = [self.values(module, item, depth + 1) for item in inner]
                return [value for part in parts for value in part[0]], any(part[1] for part in parts)
            if name == "Annotated":
                return self.values(module, inner[0], depth + 1)
            return [], True
        name_ = dotted_name(node)
        if name_ in ("bool", "None"):
            return [], False
        if name_ and (imported := self.typed(module).get(name_)) is not None:
            return self.values(imported[0], ast.Name(imported[1]), depth + 1)
        if name_:
            found_ = self.release.resolve_dotted(module, name_)
            if isinstance(found_.what, Value) and not found_.what.annotated:
                return self.values(found_.what.module, found_.what.node, depth + 1)
        return [], True

    def typed(self, module: str) -> dict[str, tuple[str, str]]:
        """What a module imports for type checkers only: by its name there, the module and the name in that."""
        if module not in self._typed:
            tree = self.release.tree(module) if self.fully else None
            body = tree.body if tree is not None else []
            run = {id(node) for node in executed(body)}
            self._typed[module] = {
                alias.asname or alias.name: (self.release._absolute(module, node.level, node.module), alias.name)
                for node in executed(body, typing=True)
                if isinstance(node, ast.ImportFrom) and id(node) not in run
                for alias in node.names
            }
        return self._typed[module]

    # Deprecation

    def gone(self, module: str, node: ast.stmt | None) -> Deprecation | None:
        """Of a function that does nothing but raise, saying that it was removed."""
        body = node.body if isinstance(node, FUNCTIONS) else []
        rest = [item for item in body if not (isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant))]
        raised = rest[0].exc if len(rest) == 1 and isinstance(rest[0], ast.Raise) else None
        if raised is None:
            return None
        named = [
            self.release.resolve_dotted(module, name.id) for name in ast.walk(raised) if isinstance(name, ast.Name)
        ]
        values = [found.what.node for found in named if isinstance(found.what, Value)]
        text = " ".join(" ".join([constant_text(raised), *map(constant_text, values)]).split())
        if not re.search(r"\b(?:is|was|were|been) (?:now )?(?:removed|renamed)|no longer (?:avail|exist)", text):
            return None
        beside = re.search(r"be replaced with:? (?:[\w, ]+ = )?((?:\w+\.)+\w+)", text)
        version = re.search(r"removed (?:in|since|from) (?:version )?v?(\d+\.\d+)", text)
        replacement = instead(text) or (beside.group(1) if beside is not None else "")
        return Deprecation(version.group(1) if version is not None else "", replacement)

    def deprecation(self, node: ast.stmt) -> Deprecation | None:
        """By decorator, by directive, or by a warning that every call gives."""
        for decorator in getattr(node, "decorator_list", []):
            if not isinstance(decorator, ast.Call):
                continue
            name = (dotted_name(decorator.func) or "").rpartition(".")[2]
            if name in ("deprecated", "deprecate", "_deprecated", "deprecated_func"):
                fact = deprecation_in(constant_text(decorator))
                for word in decorator.keywords:
                    value = word.value.value if isinstance(word.value, ast.Constant) else None
                    if word.arg in ("since", "deprecated_in") and value:
                        fact = replace(fact, version=str(value))
                    elif word.arg in ("alternative", "instead") and isinstance(value, str):
                        fact = replace(fact, replacement=value.strip("`").partition("(")[0])
                first = decorator.args[0] if decorator.args else None
                if isinstance(first, ast.Constant) and re.fullmatch(r"\d+\.\d+(\.\d+)?", str(first.value)):
                    fact = replace(fact, version=".".join(str(first.value).split(".")[:2]))
                return fact
        if isinstance(node, FUNCTIONS):
            whole = documented(ast.get_docstring(node, clean=False)).whole
            return whole or warned(node.body)
        return None


def warned(body: list[ast.stmt]) -> Deprecation | None:
    """What a body warns of before it does anything else."""
    texts: dict[str, str] = {}
    for item in body:
        if isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            texts[item.targets[0].id] = constant_text(item.value)
            continue
        if isinstance(item, ast.If) and "hasattr(sys" in ast.unparse(item.test):
            body_ = item.body[0]
            item = body_ if isinstance(body_, ast.Expr) else item
        call = item.value if isinstance(item, ast.Expr) else None
        if isinstance(call, ast.Call) and (dotted_name(call.func) or "").rpartition(".")[2] in (
            "warn",
            "warn_deprecated",
        ):
            named = [texts.get(part.id, "") for part in ast.walk(call) if isinstance(part, ast.Name)]
            text = " ".join([constant_text(call), *named])
            if re.search(r"deprecated|will be removed", text):
                return deprecation_in(text)
        elif not isinstance(item, (ast.Expr, ast.Import, ast.ImportFrom)):
            return None
    return None


def answering(node: ast.ClassDef) -> list[str] | None:
    """The names of a class that is put in the place of a module's `__getattr__`: its properties."""
    return [item.name for item in node.body if isinstance(item, FUNCTIONS)] if node.decorator_list else None


def is_setter(node: ast.stmt) -> bool:
    return any((dotted_name(d) or "").endswith((".setter", ".deleter")) for d in getattr(node, "decorator_list", []))


def field_default(taken: Taken) -> Taken:
    """The default of a dataclass field given by `field(...)`; "<none>" where the field is not a parameter."""
    if taken.default is None or not re.match(r"(dataclasses\.)?field\(", taken.default):
        return taken
    if "init=False" in taken.default:
        return replace(taken, default="<none>")
    return replace(taken, default="..." if "default" in taken.default or taken.default.endswith("...") else None)


def shortened(node: ast.expr) -> str:
    text = ast.unparse(node)
    if re.match(r"(dataclasses\.)?field\(", text):
        init = "init=False" if "init=False" in text else ""
        return f"field({init}{'default' if 'default' in text else ''})"
    return text if len(text) <= LONGEST_DEFAULT and "\n" not in text else "..."


def parameters_of(arguments: ast.arguments) -> Iterator[tuple[Taken, ast.expr | None]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults += arguments.defaults
    stub_style = not arguments.posonlyargs
    for index, (argument, default) in enumerate(zip(positional, defaults, strict=True)):
        kind = "/" if index < len(arguments.posonlyargs) else ""
        if stub_style and argument.arg.startswith("__") and not argument.arg.endswith("__"):
            kind = "/"
        yield Taken(argument.arg, kind, None if default is None else shortened(default)), argument.annotation
    if arguments.vararg is not None:
        yield Taken(arguments.vararg.arg, "*args"), None
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield Taken(argument.arg, "*", None if default is None else shortened(default)), argument.annotation
    if arguments.kwarg is not None:
        yield Taken(arguments.kwarg.arg, "**"), None


def renamed_parameter(decorator: str, node: ast.expr) -> list[Taken]:
    """The old name that `deprecate_kwarg("old", "new")` or `rename_parameter("3.5", "old", "new")` still takes."""
    if not isinstance(node, ast.Call):
        return []
    given = {word.arg: word.value for word in node.keywords}
    texts = [item.value if isinstance(item, ast.Constant) else None for item in node.args]
    said = given.get("version") or given.get("dep_version")
    version, old, new = str(literal(said) or ""), None, None
    if decorator == "rename_parameter" and len(texts) >= 3 and re.match(r"\d", str(texts[0])):
        version, old, new = str(texts[0]), texts[1], texts[2]
    else:
        strings = [text for text in texts if isinstance(text, str)]
        old = next(iter(strings), None) or literal(given.get("old_arg_name")) or literal(given.get("old_name"))
        new = literal(given.get("new_arg_name")) or literal(given.get("new_name"))
        if new is None and len(strings) > 1:
            new = strings[1]
    if not isinstance(old, str):
        return []
    return [Taken(old, "*", "...", deprecation=Deprecation(version, new if isinstance(new, str) else ""))]


def deleted_parameter(node: ast.expr) -> dict[str, Deprecation]:
    """By name, what `delete_parameter("3.9", "name")` says of a parameter that is going."""
    texts = [literal(item) for item in node.args] if isinstance(node, ast.Call) else []
    given = {word.arg: literal(word.value) for word in node.keywords} if isinstance(node, ast.Call) else {}
    version = texts[0] if texts else given.get("since")
    name = texts[1] if len(texts) > 1 else given.get("name")
    return {name: Deprecation(str(version))} if isinstance(name, str) and version else {}


def literal(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def merged(signatures: list[Signature]) -> Signature:
    """One signature for overloads: exact where they take the same parameters, else all of them and not certain."""
    shapes = {tuple((taken.name, taken.kind) for taken in signature.parameters) for signature in signatures}
    if len(shapes) == 1:
        first = signatures[0]
        for position, taken in enumerate(first.parameters):
            others = [signature.parameters[position] for signature in signatures]
            taken.default = next((other.default for other in others if other.default is not None), None)
            taken.values = tuple(dict.fromkeys(value for other in others for value in other.values))
            taken.others = any(other.others or not other.values for other in others)
        return first
    seen: dict[str, Taken] = {}
    for signature in signatures:
        for taken in signature.parameters:
            if taken.kind in ("*args", "**"):
                continue
            if taken.name not in seen:
                seen[taken.name] = replace(taken, default="...", kind="" if taken.kind == "/" else taken.kind)
            elif taken.kind != "*":
                seen[taken.name].kind = ""
    ordered = [taken for taken in seen.values() if taken.kind != "*"] + [
        taken for taken in seen.values() if taken.kind == "*"
    ]
    return Signature(ordered, certain=False)


Hook = Callable[[Release, Facts], None]
