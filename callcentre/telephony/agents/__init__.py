"""The agents of each queue: what they do now, and pausing, resuming, logging on and logging off."""
