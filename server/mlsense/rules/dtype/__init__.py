"""Types of columns: text and gaps where numbers are wanted."""
