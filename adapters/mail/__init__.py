"""E-mail: a channel on which nobody is heard, for the links by which people show who they are."""
