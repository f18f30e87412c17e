"""Rules: each one file with its documentation, its examples and its check."""
