"""What the forum knows: the pack, its vocabulary and catalogue, and the answers drawn from them."""
