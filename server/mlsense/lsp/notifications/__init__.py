"""One file per notification: its METHOD and a `handle` that changes the session and says what to analyse."""

from __future__ import annotations

from mlsense.lsp.notifications import (
    did_change,
    did_change_configuration,
    did_change_notebook,
    did_change_watched_files,
    did_close,
    did_close_notebook,
    did_open,
    did_open_notebook,
    did_save,
    did_save_notebook,
    initialized,
    interpreter,
    surroundings,
)

NOTIFICATIONS = (
    initialized,
    did_change_configuration,
    did_change_watched_files,
    interpreter,
    surroundings,
    did_open,
    did_change,
    did_save,
    did_close,
    did_open_notebook,
    did_change_notebook,
    did_save_notebook,
    did_close_notebook,
)

__all__ = ["NOTIFICATIONS"]
