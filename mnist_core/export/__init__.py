"""What can be saved and shared: a run card, tables, the commands that train a run again."""
