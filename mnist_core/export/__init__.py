"""What a person takes away: a run card, tables, the commands that train a run again."""
