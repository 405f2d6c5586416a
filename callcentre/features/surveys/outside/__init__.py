"""Input and output of surveys outside the rules: requests to /api and to the page of a survey."""
