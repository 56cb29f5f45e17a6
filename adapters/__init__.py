"""The world: platforms, web pages, the terminal, the command line, settings."""
