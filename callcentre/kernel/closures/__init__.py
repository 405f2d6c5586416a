"""Services that staff has closed for now, and opens again."""
