"""A trained network and images in, answers out: predictions, their calibration, whole splits."""
