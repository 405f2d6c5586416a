"""What the agents' page reads from the database."""
