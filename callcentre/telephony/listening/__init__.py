"""Supervisors listen to conversations, whisper to the agent, and join."""
