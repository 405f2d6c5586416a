"""What agents see: their own queues, who calls, what is known of the caller; and notes about people."""
