"""The configuration file in the browser: it is checked, compared, tried on calls of the past, saved and restored."""
