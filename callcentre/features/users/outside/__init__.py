"""What users need outside the rules: hashing, the commands' way to the database, and the pages."""
