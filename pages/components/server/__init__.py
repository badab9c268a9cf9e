"""What this app adds to the server that serves it: who is answered, and how it ends."""
