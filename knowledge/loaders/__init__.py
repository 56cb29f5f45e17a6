"""From files to what the forum knows: one module per format, and `pack` over them all."""
