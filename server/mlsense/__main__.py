"""`python -m mlsense`: the command line."""

from __future__ import annotations

import sys

from mlsense.cli import main

sys.exit(main())
