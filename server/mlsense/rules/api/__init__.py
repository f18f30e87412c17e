"""Libraries as they are in the version in force: names, parameters, how they are given."""
