"""`scripts/demo`: the product at work on loopback, told as it happens."""
