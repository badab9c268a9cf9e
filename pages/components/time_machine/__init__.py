"""The Time machine page: a run at each of its epochs."""
