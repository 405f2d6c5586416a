"""Retention: how long the rows of each table are kept, and the deletion of those that have expired."""
