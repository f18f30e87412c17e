"""A model, from the data to an API."""
