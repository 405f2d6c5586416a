"""The Debian package: `scripts/package`."""
