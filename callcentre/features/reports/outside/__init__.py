"""What reports do outside the rules: they are made in a process of their own, and delivered."""
