"""What has to be enabled before it is imported: asked of scikit-learn, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mlsense.analysis import Analyser
from mlsense.rules.api.experimental_not_enabled import EXPERIMENTAL
from mlsense.syntax import script
from mlsense.text import apply_edits


def imports(text: str) -> bool:
    return subprocess.run([sys.executable, "-c", text], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("dotted", sorted(EXPERIMENTAL))
def test_it_cannot_be_imported_until_it_is_enabled(dotted: str) -> None:
    module, _, name = dotted.rpartition(".")
    text = f"from {module} import {name}\n"
    assert not imports(text)
    (finding,) = Analyser().analyse(script("a.py", text)).findings
    assert finding.rule == "experimental-not-enabled"
    assert finding.fix is not None
    fixed = apply_edits(text, [edit.edit for edit in finding.fix.edits])
    assert imports(fixed)
    assert Analyser().analyse(script("a.py", fixed)).findings == ()


@pytest.mark.parametrize("above", ["import mine", "from . import mine", "from mine import *", "%run mine.py"])
def test_a_module_of_ones_own_may_enable_it(above: str) -> None:
    text = f"{above}\nfrom sklearn.impute import IterativeImputer\n"
    assert Analyser().analyse(script("a.py", text)).findings == ()
