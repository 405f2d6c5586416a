"""Input and output of callbacks outside the rules: requests to the daemon over HTTP, and reading the journal."""
