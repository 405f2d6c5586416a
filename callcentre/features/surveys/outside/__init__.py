"""What surveys do outside the rules: they answer requests to /api and to the page of a survey."""
