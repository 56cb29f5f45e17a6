"""The history of the schema: one tree for every database."""
