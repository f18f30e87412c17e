"""The snippet packs: what they hold, and the grammar of their bodies."""
