"""What goes wrong where cells stand in another order than they were run in."""
