"""What runs say about themselves and each other: comparison, advice, races."""
