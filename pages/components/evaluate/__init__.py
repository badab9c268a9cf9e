"""The Evaluate page: the confusion matrix and the images behind it."""
