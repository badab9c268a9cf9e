"""A training as a folder: created, written, resumed, listed, repeated, evaluated."""
