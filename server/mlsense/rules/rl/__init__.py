"""Reinforcement learning: how environments are used."""
