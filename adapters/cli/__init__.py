"""The command `saphan`: parses, calls the core once, prints. Heavy parts are imported where they are used."""
