"""Clusters and what is made of their numbers."""
