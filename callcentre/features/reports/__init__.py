"""Scheduled reports: figures and exports that are made at set times."""
