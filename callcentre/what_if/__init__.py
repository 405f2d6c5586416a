"""What the configured rules would have done with calls of the past, before anything is switched on."""
