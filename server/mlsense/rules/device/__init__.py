"""On which device models and tensors are."""
