"""Modules that are not put together as PyTorch expects."""
