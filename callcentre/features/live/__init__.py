"""The live pages: what happens now in each service, for supervisors, for a screen on the wall, and as JSON."""
