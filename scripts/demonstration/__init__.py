"""`scripts/demo`: the product at work on loopback, with each step printed as it happens."""
