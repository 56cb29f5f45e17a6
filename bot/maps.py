"""Where a place is shown on a map that everybody can open."""

from knowledge.forum import Coordinates

MAPS = "https://www.openstreetmap.org/?mlat="
"""What every such address begins with."""
ZOOM = 17
"""At which the streets around a building have their names."""


def on_map(place: Coordinates) -> str:
    """Return the web address of a map with a mark on *place*, to the metre."""
    latitude, longitude = f"{place.latitude:.5f}", f"{place.longitude:.5f}"
    return f"{MAPS}{latitude}&mlon={longitude}#map={ZOOM}/{latitude}/{longitude}"
