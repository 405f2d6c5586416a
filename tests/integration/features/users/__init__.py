"""Tests of users with a database."""
