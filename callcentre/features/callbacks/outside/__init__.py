"""What callbacks do outside the rules: they ask the daemon over HTTP, and read the journal."""
