"""Input and output of reports outside the rules: they are made in a separate process, and delivered."""
