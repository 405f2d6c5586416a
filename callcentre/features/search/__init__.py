"""Search: supervisors find calls, callbacks, texts and people, and read what happened and why."""
