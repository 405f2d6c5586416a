"""The page about what was tried, how often, and what happened, made of the figures that runs leave behind."""
