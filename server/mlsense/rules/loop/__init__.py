"""Training loops: gradients, modes, schedulers."""
