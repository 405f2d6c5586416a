"""What a clock that went forward may do at once, and what waits until the new time is confirmed."""
