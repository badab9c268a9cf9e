"""The Runs page: the table of runs and their comparison."""
