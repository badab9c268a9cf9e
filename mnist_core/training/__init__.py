"""How a network learns: the loop, its schedule, augmentation, optimisers and presets."""
