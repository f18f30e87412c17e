"""Estimators as their library knows them: parameters and values, methods and attributes, what must come first."""
