"""The page of the system, served, with a doctor of the test."""
