"""Shapes: how many dimensions what is handed over has."""
