"""Users: who may use the pages and `/api`, by accounts, sessions, API keys and invitations."""
