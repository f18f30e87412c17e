"""Rules about plots."""
