"""Conversations and what leaves; knows no platform."""
