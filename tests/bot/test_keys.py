from bot.keys import Keys

KEYS = Keys(b"new key", (b"old key", b"older key"))


def test_a_digest_is_the_same_for_the_same_secret_and_purpose_only():
    digest = KEYS.digest("token", "secret")
    assert len(digest) == 64
    assert digest == KEYS.digest("token", "secret")
    others = {
        KEYS.digest("code", "secret"),
        KEYS.digest("token", "secret "),
        Keys(b"old key").digest("token", "secret"),
        KEYS.derive("token", "secret", 32).hex(),
    }
    assert digest not in others
    assert len(others) == 4


def test_what_an_old_key_kept_still_matches():
    for key in (b"new key", b"old key", b"older key"):
        kept = Keys(key).digest("token", "secret")
        assert KEYS.matches("token", "secret", kept)
        assert kept in KEYS.digests("token", "secret")
        assert not KEYS.matches("token", "another", kept)
        assert not KEYS.matches("code", "secret", kept)
    assert not KEYS.matches("token", "secret", Keys(b"a key never used").digest("token", "secret"))


def test_a_derived_secret_can_be_made_again():
    made = KEYS.derive("link", "17", 40)
    assert (len(made), made) == (40, KEYS.derive("link", "17", 40))
    assert made.startswith(KEYS.derive("link", "17", 8))
    assert made != KEYS.derive("link", "18", 40)
    assert made != KEYS.derive("letter", "17", 40)


def test_text_that_is_no_text_has_a_digest_too():
    assert len(KEYS.digest("token", "\ud800")) == 64


def test_a_key_is_never_shown():
    assert repr(KEYS) == "Keys()"
