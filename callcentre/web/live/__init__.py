"""What pages show live: panels, and the stream that keeps them current."""
