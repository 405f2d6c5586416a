"""The ledger: what facts add up to, kept beside them, for statistics and exports to read."""
