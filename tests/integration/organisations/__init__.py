"""Two organisations in one daemon: nothing of one is seen by the other."""
