"""Strings, scores and suggestions; knows texts and facets, never the forum's records."""
