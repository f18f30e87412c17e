"""What runs outside the server process, on demand, time-limited and killable. Nothing does yet."""
