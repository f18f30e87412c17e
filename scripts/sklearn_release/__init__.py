"""Asks one installed release of scikit-learn what it accepts, by its own constraints and by fitting on toy data.

Runs on every release from 1.1 on, with nothing but that release: `scripts/generate_sklearn_values.py` is run once by
the interpreter of each release, and adds what that release says to what the others said.
"""
