"""
The bill of materials of a release: what the package runs on, with versions, licences and the hashes that are pinned.

    python .ci/sbom.py OUT.cdx.json

CycloneDX 1.6, of the platform on which it is made. What is only needed in development is not in it.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT, EXTRA = "saphan", "semantic"
PINS = Path(__file__).parents[1] / "constraints.txt"
PIN = re.compile(r"^([A-Za-z0-9._-]+)==\S+.*?(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
SHA256 = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def bill() -> Bom:
    """Return the bill of materials of the project as it is installed here."""
    hashes = pinned(PINS.read_text("utf-8"))
    names = closure()
    components = {name: component(name, hashes.get(name, ())) for name in names}
    bom = Bom()
    bom.metadata.component = components.pop(PROJECT)
    bom.components.update(components.values())
    known = {PROJECT: bom.metadata.component, **components}
    for name, needs in names.items():
        children = [Dependency(known[need].bom_ref) for need in sorted(needs)]
        bom.dependencies.add(Dependency(known[name].bom_ref, children))
    return bom


def closure() -> dict[str, set[str]]:
    """Map the project, and all that it needs to run, to what each of them needs itself."""
    found: dict[str, set[str]] = {}
    waiting = [(PROJECT, frozenset({EXTRA}))]
    done: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = one = waiting.pop()
        if one in done:
            continue
        done.add(one)
        needs = dict(_needs(name, extras))
        found.setdefault(name, set()).update(needs)
        waiting += needs.items()
    return found


def _needs(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in metadata.requires(name) or ():
        wanted = Requirement(line)
        marker = wanted.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield canonicalize_name(wanted.name), frozenset(wanted.extras)


def pinned(text: str) -> Mapping[str, tuple[str, ...]]:
    """Map each name in the constraints file *text* to the SHA-256 sums of its files."""
    return {canonicalize_name(found[1]): tuple(SHA256.findall(found[0])) for found in PIN.finditer(text)}


def component(name: str, hashes: tuple[str, ...]) -> Component:
    """Return what is installed under *name*; raises LookupError when it is not pinned."""
    if name != PROJECT and not hashes:
        raise LookupError(f"{name} is needed and not pinned: make lock")
    about = metadata.metadata(name)
    licence = about.get("License-Expression") or about.get("License") or ""
    version = metadata.version(name)
    return Component(
        name=name,
        version=version,
        type=ComponentType.APPLICATION if name == PROJECT else ComponentType.LIBRARY,
        bom_ref=f"{name}=={version}",
        purl=PackageURL("pypi", name=name, version=version),
        licenses=[LicenseFactory().make_from_string(licence.splitlines()[0])] if licence.strip() else (),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=one) for one in hashes],
    )


if __name__ == "__main__":
    out = Path(sys.argv[1])
    out.write_text(JsonV1Dot6(bill()).output_as_string(indent=1), "utf-8")
    print(f"Bill of materials: {out}")
