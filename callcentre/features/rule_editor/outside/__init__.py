"""What the rules in the browser do outside: a worker process that checks, and the file itself."""
