"""The processes that train: started, queued, stopped, and found again."""
