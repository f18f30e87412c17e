"""Metrics and scorers."""
