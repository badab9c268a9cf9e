"""The Predict page: a picture in, the answer and how it was read."""
