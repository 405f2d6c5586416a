"""The pages and acts of the desk."""
