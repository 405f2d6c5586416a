"""Daemons that share a database: commands that one sends to another, and live records that one reads of another."""
