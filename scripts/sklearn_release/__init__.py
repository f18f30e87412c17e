"""Asks one installed release of scikit-learn what it accepts, by its own constraints and by fitting on toy data.

Runs on every release from 1.1 on, with nothing but that release: `scripts/generate_sklearn_values.py` is run once by
the interpreter of each release, and adds what that release says to what the others said.
"""

import os

# Threads cost more than they bring on toy data. Read when NumPy is imported, so set before.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
