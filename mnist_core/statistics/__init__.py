"""What is luck and what is not: intervals, tests, and the scores of a confusion matrix."""
