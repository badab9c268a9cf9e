"""A run that learns a person's own handwriting without forgetting what it knew."""
