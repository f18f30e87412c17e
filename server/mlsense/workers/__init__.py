"""What runs outside the server process: in a process that may be slow, grow or crash without harm to anything else."""
