"""Losses that do not go with what a network gives, or with the labels."""
