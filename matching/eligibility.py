"""What keeps a profile out of the suggestions, however well it would fit otherwise."""

from collections.abc import Collection

from matching.facets import Given, Mask
from matching.profiles import EVERYWHERE, Kind, Profile

GIVING: frozenset[Kind] = frozenset({"offer", "provider", "practice"})
ASKING: frozenset[Kind] = frozenset({"need"})


def kept_out(wanted: Profile, given: Given, kinds: Collection[Kind] | None) -> dict[str, Mask]:
    """Return for each reason to keep profiles out which of those given it keeps out."""
    sides = frozenset(kinds) if kinds is not None else GIVING if _asks(wanted) else ASKING
    return {
        "itself": _itself(wanted, given),
        "other_kind": ~given.kinds.any_of(sides),
        "own_country": _own(wanted, given),
        "recipient_only": _only_receives(wanted, given),
        "region_not_served": ~_is_served(wanted, given),
    }


def _asks(wanted: Profile) -> bool:
    return wanted.kind in ASKING


def _itself(wanted: Profile, given: Given) -> Mask:
    mask = ~given.everyone()
    if wanted.id in given.places:
        mask[given.places[wanted.id]] = True
    return mask


def _own(wanted: Profile, given: Given) -> Mask:
    """A practice of several countries is not one's own, even where one took part."""
    if wanted.country is None:
        return ~given.everyone()
    return given.owners.is_only(wanted.country)


def _only_receives(wanted: Profile, given: Given) -> Mask:
    if not _asks(wanted):
        return ~given.everyone()
    return given.roles.is_only("recipient")


def _is_served(wanted: Profile, given: Given) -> Mask:
    """A practice serves whoever learns from it; where no region is said, all are served."""
    if not _asks(wanted):
        if not wanted.regions or wanted.regions & EVERYWHERE:
            return given.everyone()
        return given.homes.any_of(wanted.regions) | given.homes.is_empty
    homes = given.homes_of(wanted)
    if not homes:
        return given.everyone()
    anywhere = given.regions.is_empty | given.kinds.any_of({"practice"})
    return given.regions.any_of(homes | EVERYWHERE) | anywhere
