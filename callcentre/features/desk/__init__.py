"""The supervisor's desk: what supervisors do with agents, services, callbacks and texts."""
