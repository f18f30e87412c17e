"""Which version of a library counts: that installed, else that pinned, else the newest. Pure: what is read comes in."""

from __future__ import annotations

import operator as operators
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

NEWEST = "newest known"

# What libraries are called where they are distributed, if not as in the code; the first is the name to show.
_DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "sklearn": ("scikit-learn",),
    "imblearn": ("imbalanced-learn",),
    "torch": ("torch", "pytorch", "pytorch-gpu", "pytorch-cpu"),
    "tensorflow": ("tensorflow", "tensorflow-cpu", "tensorflow-gpu", "tensorflow-macos", "tensorflow-intel"),
    "matplotlib": ("matplotlib", "matplotlib-base"),
    "pylab": ("matplotlib", "matplotlib-base"),
    "xgboost": ("xgboost", "xgboost-cpu", "py-xgboost"),
    "airflow": ("apache-airflow",),
    "skimage": ("scikit-image",),
    "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv"),
    "PIL": ("pillow",),
    "pytorch_lightning": ("pytorch-lightning",),
}

LIBRARIES = (
    "sklearn",
    "pandas",
    "numpy",
    "scipy",
    "imblearn",
    "torch",
    "torchvision",
    "tensorflow",
    "keras",
    "xgboost",
    "lightgbm",
    "statsmodels",
    "seaborn",
    "matplotlib",
    "pyspark",
    "airflow",
    "gym",
    "gymnasium",
    "transformers",
)
"""The libraries whose versions are shown, most telling first, by the names they are imported by."""


class Version(NamedTuple):
    """A version that sorts as Python's packages do, without what a build adds after `+`."""

    epoch: int
    release: tuple[int, ...]
    stage: int
    """-4: development; -3, -2, -1: alpha, beta, candidate; 0: final; 1: post-release."""
    number: int


_VERSION = re.compile(
    r"\s*v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(dev|a|alpha|b|beta|c|rc|pre|preview|post|rev|r)[-_.]?(\d*))?", re.I
)
_STAGES = {"dev": -4, "a": -3, "alpha": -3, "b": -2, "beta": -2, "post": 1, "rev": 1, "r": 1}


@lru_cache(maxsize=4096)
def version(text: str) -> Version | None:
    """The version that a text begins with; None where it begins otherwise."""
    found = _VERSION.match(text)
    if found is None:
        return None
    epoch, numbers, stage, count = found.groups()
    release = [int(number) for number in numbers.split(".")]
    # 1.4 is 1.4.0.
    while len(release) > 1 and not release[-1]:
        release.pop()
    return Version(int(epoch or 0), tuple(release), _STAGES.get(stage.lower(), -1) if stage else 0, int(count or 0))


_CLAUSE = re.compile(r"\s*(===|==|~=|!=|>=|<=|>|<|=|\^|~)?\s*(v?[\d][^\s,]*|\*)\s*$")


def within(candidate: str, specifier: str) -> bool | None:
    """Whether a version is in a range such as `>=1.3,<1.5`; None where either cannot be read.

    Reads what pip, Poetry (`^1.2`, `~1.2`) and conda (`=1.3`, `1.3.*`) write.
    """
    its = version(candidate)
    if its is None:
        return None
    for clause in specifier.split(","):
        if not clause.strip():
            continue
        found = _CLAUSE.match(clause)
        holds = None if found is None else _holds(its, found.group(1) or "==", found.group(2))
        if not holds:
            return holds
    return True


_COMPARE: dict[str, Callable[[Version, Version], bool]] = {
    "==": operators.eq,
    "===": operators.eq,
    "!=": operators.ne,
    ">": operators.gt,
    ">=": operators.ge,
    "<": operators.lt,
    "<=": operators.le,
}


def exact(specifier: str) -> str | None:
    """The one version a specifier leaves, None where it leaves more."""
    found = _CLAUSE.match(specifier)
    if found is None or found.group(1) not in ("==", "===") or "*" in found.group(2):
        return None
    return found.group(2).partition("+")[0]


def _holds(its: Version, operator: str, text: str) -> bool | None:
    if text == "*":
        return True
    bound = version(text)
    if bound is None:
        return None
    if operator == "=" or (operator in ("==", "!=") and text.endswith(".*")):
        same = _begins(its, _parts(text))
        return same if operator != "!=" else not same
    compare = _COMPARE.get(operator)
    return compare(its, bound) if compare else its >= bound and _begins(its, _kept(operator, _parts(text)))


def _kept(operator: str, parts: tuple[int, ...]) -> tuple[int, ...]:
    """The leading numbers of a version that its compatible versions share."""
    if operator == "~=":
        return parts[:-1]
    if operator == "~":
        return parts[:2]
    # `^`: up to the first number that is not zero.
    return parts[: next((index + 1 for index, part in enumerate(parts) if part), len(parts))]


def _parts(text: str) -> tuple[int, ...]:
    found = _VERSION.match(text)
    return tuple(int(part) for part in found.group(2).split(".")) if found is not None else ()


def _begins(its: Version, parts: tuple[int, ...]) -> bool:
    release = (*its.release, *(0,) * (len(parts) - len(its.release)))
    return release[: len(parts)] == parts


class Pin(NamedTuple):
    """What a file of a project says of a distribution: a range of versions, and the file."""

    specifier: str
    source: str


class InForce(NamedTuple):
    """The version of a library that counts. None: it is not known, but the newest of those in `specifier`."""

    version: str | None
    source: str
    specifier: str = ""


@dataclass(frozen=True)
class Versions:
    """What is installed and what is pinned where a program lives; by normalised distribution names, sorted."""

    environment: str = ""
    """What to call the place of what is installed, such as `.venv`."""
    installed: tuple[tuple[str, str], ...] = ()
    pinned: tuple[tuple[str, Pin], ...] = ()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.environment, self.installed, self.pinned))

    @cached_property
    def _installed(self) -> dict[str, str]:
        return dict(self.installed)

    @cached_property
    def _pinned(self) -> dict[str, Pin]:
        return dict(self.pinned)

    def in_force(self, library: str, known: Sequence[str] = ()) -> InForce:
        """The version of a library, named as it is imported, and where that is from.

        `known` are the releases something is known of: the newest of them in the range that is pinned counts, or
        the newest at all where nothing is pinned.
        """
        names = distributions(library)
        for name in names:
            if name in self._installed:
                return InForce(self._installed[name], self.environment)
        pin = next((self._pinned[name] for name in names if name in self._pinned), Pin("", NEWEST))
        single = exact(pin.specifier)
        if single is not None:
            return InForce(single, pin.source, pin.specifier)
        fitting = [each for each in known if _is_final(each) and _in_part_within(each, pin.specifier)]
        newest = max(fitting, key=lambda each: version(each) or Version(0, (), 0, 0), default=None)
        return InForce(newest, pin.source, pin.specifier)

    def known(self) -> tuple[tuple[str, InForce], ...]:
        """The libraries that are shown and of which more is known than what is newest, by distribution name."""
        found = ((distributions(library)[0], self.in_force(library)) for library in LIBRARIES)
        return tuple((name, each) for name, each in found if each.version or each.specifier)


NO_VERSIONS = Versions()
"""Nothing is installed and nothing pinned: of every library the newest counts."""


def distributions(library: str) -> tuple[str, ...]:
    """What a library is called where it is distributed, in normalised form, most common first."""
    root = library.partition(".")[0]
    return _DISTRIBUTIONS.get(root) or (normalised(root),)


def normalised(name: str) -> str:
    """The one spelling of a distribution's name, by PEP 503."""
    return re.sub(r"[-_.]+", "-", name).strip().lower()


def _in_part_within(release: str, specifier: str) -> bool:
    """Whether a release or, of `1.3`, the last of its corrections is in a range: `1.3` stands for `1.3.5`, too."""
    last = f"{release}.9999" if release.count(".") == 1 else release
    return any(within(each, specifier) is not False for each in (release, last))


def _is_final(text: str) -> bool:
    found = version(text)
    return found is not None and found.stage >= 0
