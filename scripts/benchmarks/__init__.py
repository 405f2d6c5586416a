"""What `scripts/bench` measures: each module with a `run` is a benchmark."""
