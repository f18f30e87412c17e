"""What a score is computed on."""
