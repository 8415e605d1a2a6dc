"""A folder for each read model: its tables, its projection, its queries."""
