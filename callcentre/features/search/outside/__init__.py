"""What search reads from the database."""
