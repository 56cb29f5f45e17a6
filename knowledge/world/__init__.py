"""Countries and territories of the world: what they are called, in any language."""
