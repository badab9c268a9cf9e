"""The networks, each described in one place, and what can be asked of their units."""
