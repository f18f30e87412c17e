"""All rules, found by looking through the families' folders: a new file is a new rule."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import mlsense.rules
from mlsense.rules.rule import Rule


@cache
def all_rules() -> tuple[Rule, ...]:
    """In the order of family and name."""
    rules: list[Rule] = []
    for family in pkgutil.iter_modules(mlsense.rules.__path__, "mlsense.rules."):
        if not family.ispkg:
            continue
        package = importlib.import_module(family.name)
        for module in pkgutil.iter_modules(package.__path__, family.name + "."):
            rule = getattr(importlib.import_module(module.name), "RULE", None)
            if isinstance(rule, Rule):
                rules.append(rule)
    return tuple(sorted(rules, key=lambda rule: (rule.family, rule.name)))
