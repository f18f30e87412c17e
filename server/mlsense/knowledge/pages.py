"""Where libraries document their names: addresses that hold for years, and none where that is not certain."""

from __future__ import annotations

from collections.abc import Callable

_CALLED = ("class", "function", "method", "property", "attribute", "constant")


def page(dotted: str, kind: str) -> str | None:
    """The address of a public name's page; `kind` as entries of the base have it."""
    find = _PAGES.get(dotted.partition(".")[0])
    if find is None or kind not in _CALLED or any(part.startswith("_") for part in dotted.split(".")):
        return None
    return find(dotted, kind)


def _owner(dotted: str, kind: str) -> str:
    return dotted.rpartition(".")[0] if kind in ("method", "property", "attribute") else dotted


def _sklearn(dotted: str, kind: str) -> str | None:
    owner = _owner(dotted, kind)
    inner = dotted.startswith("sklearn.utils.") and owner.count(".") > 2
    if dotted.count(".") < 2 or kind == "constant" or inner:
        return None
    anchor = f"#{dotted}" if owner != dotted else ""
    return f"https://scikit-learn.org/stable/modules/generated/{owner}.html{anchor}"


def _imblearn(dotted: str, kind: str) -> str | None:
    owner = _owner(dotted, kind)
    if dotted.count(".") < 2 or kind == "constant":
        return None
    anchor = f"#{dotted}" if owner != dotted else ""
    return f"https://imbalanced-learn.org/stable/references/generated/{owner}.html{anchor}"


def _pandas(dotted: str, kind: str) -> str | None:
    return None if kind == "constant" else f"https://pandas.pydata.org/docs/reference/api/{dotted}.html"


def _numpy(dotted: str, kind: str) -> str | None:
    home = "https://numpy.org/doc/stable/reference"
    if dotted.startswith(("numpy.random.Generator", "numpy.random.default_rng")):
        return f"{home}/random/generator.html"
    if dotted.startswith("numpy.random."):
        # Functions there are bound methods, which the base takes for constants.
        return f"{home}/random/generated/{dotted}.html"
    return None if kind == "constant" else f"{home}/generated/{dotted}.html"


def _torch(dotted: str, kind: str) -> str | None:
    home = "https://docs.pytorch.org/docs/stable"
    if dotted.startswith("torch.utils.data."):
        return f"{home}/data.html#{dotted}"
    if dotted.startswith("torch.nn.init."):
        return f"{home}/nn.init.html#{dotted}"
    owner = _owner(dotted, kind) if not dotted.startswith("torch.Tensor.") else dotted
    documented = ("torch.nn.", "torch.optim.", "torch.Tensor.", "torch.linalg.")
    if kind == "constant" or not (dotted.startswith(documented) or dotted.count(".") == 1):
        return None
    anchor = f"#{dotted}" if owner != dotted else ""
    return f"{home}/generated/{owner}.html{anchor}"


def _keras(dotted: str, kind: str) -> str | None:
    """Pages are by groups that names do not tell; those of the groups are certain."""
    module = dotted.split(".")[1]
    known = ("layers", "losses", "optimizers", "metrics", "callbacks", "models")
    return f"https://keras.io/api/{module}/" if module in known else None


def _matplotlib(dotted: str, kind: str) -> str | None:
    if not dotted.startswith("matplotlib.pyplot.") or kind != "function":
        return None
    return f"https://matplotlib.org/stable/api/_as_gen/{dotted}.html"


def _seaborn(dotted: str, kind: str) -> str | None:
    plain = dotted.count(".") == 1 and kind in ("class", "function")
    return f"https://seaborn.pydata.org/generated/{dotted}.html" if plain else None


_PAGES: dict[str, Callable[[str, str], str | None]] = {
    "sklearn": _sklearn,
    "imblearn": _imblearn,
    "pandas": _pandas,
    "numpy": _numpy,
    "torch": _torch,
    "keras": _keras,
    "matplotlib": _matplotlib,
    "seaborn": _seaborn,
}
