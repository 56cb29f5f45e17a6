"""The installation's secret keys: what is kept of a secret, and secrets that need not be kept at all."""

import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Keys:
    """
    The secret that everything of an installation hangs on, and those that it replaced.

    New digests and secrets are made with the *current* one; what was made with an *old* one is still known, until its
    owner takes that from the settings. A *purpose* keeps apart what must never stand in for each other.
    """

    current: bytes = field(repr=False)
    old: tuple[bytes, ...] = field(default=(), repr=False)

    def digest(self, purpose: str, secret: str) -> str:
        """Return what may be kept of *secret*: 64 hexadecimal digits that say nothing to whoever has no key."""
        return _hmac(self.current, "digest", purpose, secret).hex()

    def digests(self, purpose: str, secret: str) -> tuple[str, ...]:
        """Return all that may have been kept of *secret*, the current key's first: what a row is looked up by."""
        return tuple(_hmac(key, "digest", purpose, secret).hex() for key in (self.current, *self.old))

    def matches(self, purpose: str, secret: str, kept: str) -> bool:
        """Tell whether *kept* is the digest of *secret*, in a time that says nothing of how near they are."""
        same = [hmac.compare_digest(digest, kept) for digest in self.digests(purpose, secret)]
        return any(same)

    def derive(self, purpose: str, message: str, length: int) -> bytes:
        """Return *length* bytes that nobody without the key can tell from chance: the same for the same *message*."""
        blocks = range(-(-length // 32))
        return b"".join(_hmac(self.current, "derive", f"{purpose}\0{n}", message) for n in blocks)[:length]


def _hmac(key: bytes, use: str, purpose: str, message: str) -> bytes:
    # What comes from outside stands last: no message can pretend to be of another purpose.
    return hmac.digest(key, f"{use}\0{purpose}\0{message}".encode(errors="surrogatepass"), "sha256")
