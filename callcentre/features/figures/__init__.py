"""Statistics in the browser: charts and tables of figures, as files, and by `/api`."""
