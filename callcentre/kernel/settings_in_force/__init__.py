"""The administrator's rules: read again, they hold from the next event on."""
