"""How rows are divided: the number of parts, their order, what the split is told."""
