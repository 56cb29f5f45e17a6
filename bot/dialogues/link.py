"""Who somebody is: an e-mail address or a link, "Is this you?", the language, and the consent."""

import unicodedata
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from bot.commands import ChooseLanguage
from bot.dialogue import Dialogue, Move, Saying, Step, Turn, finish, perform, say
from bot.dialogues.welcome import ready
from bot.identity_commands import (
    Asked,
    AskLink,
    DisownLink,
    Linked,
    LinkOneself,
    Proof,
    RedeemDigits,
    RedeemToken,
    UnlinkOneself,
)
from bot.links import DIGITS, digits_in, proof_in
from bot.people import EMAIL
from bot.privacy_commands import GiveConsent, WithdrawConsent
from knowledge.vocabulary import LANGUAGES

LONGEST = 254
"""Characters of the longest e-mail address (RFC 5321)."""
YES = frozenset({"yes", "yes it is", "oui", "да", "是", "是的", "对", "ใช่", "ya", "हाँ"})
NO = frozenset({"no", "non", "нет", "不", "不是", "ไม่", "tidak", "नहीं"})
TYPED = ("(at)", "[at]", " at ", "＠")
"""What people write in an e-mail address in place of the sign."""


def begin(turn: Turn) -> Move:
    """Take what was shown or typed at once, else ask for the e-mail address."""
    slots = turn.slots
    if turn.person.confirmed:
        return finish(say("link/already", name=turn.person.name, country=turn.person.country))
    if slots.get("token"):
        return perform(RedeemToken(slots["token"]), _by_token)
    if slots.get("digits"):
        return _show_digits(slots["digits"], {})
    if slots.get("email"):
        return hear_email(Turn(turn.person, turn.know, turn.now, text=slots["email"]))
    return Move(to=EMAIL_STEP)


# The e-mail


def ask_email(turn: Turn) -> Saying:
    """Return the question for the address."""
    return say("link/email", edit=True)


def hear_email(turn: Turn) -> Move:
    """Have a link sent to the address, or say what is wrong with it; a printed code does as well."""
    proof = proof_in(turn.text)
    if "token" in proof:
        return perform(RedeemToken(proof["token"]), _by_token)
    if "digits" in proof:
        return _show_digits(proof["digits"], {})
    email = to_email(turn.text)
    if email is None:
        return Move(to=EMAIL_STEP, asks=say("link/no_address"))
    return _ask_link(email)


def may_be_email(text: str) -> bool:
    """Tell whether *text* is meant as an address, or as a code, and is no question."""
    return (
        "@" in text or any(sign in text for sign in TYPED) or len(text.split()) == 1 or bool(proof_in(text))
    )


def to_email(text: str) -> str | None:
    """Return the one e-mail address in *text*, in small letters; None when there is none, or more than one."""
    found = EMAIL.findall(unicodedata.normalize("NFKC", text).casefold().replace("mailto:", " "))
    email = found[0].rstrip(".!?'") if len(found) == 1 else ""
    return email if EMAIL.fullmatch(email) and len(email) <= LONGEST else None


def _ask_link(email: str) -> Move:
    return perform(AskLink(email), partial(_asked, email))


def _asked(email: str, turn: Turn, asked: Asked) -> Move:
    if asked.state == "no_mail":
        return finish(say("link/no_mail", edit=True))
    slots = {"email": email}
    if asked.state == "sent":
        sent = say("link/sent", edit=True, minutes=asked.minutes, opens=asked.opens)
        return Move(to=CODE, slots=slots, asks=sent)
    return Move(to=CODE, slots=slots, asks=say("link/too_many", what=asked.state, minutes=asked.minutes))


# The digits


def ask_code(turn: Turn) -> Saying:
    """Return that the digits are waited for."""
    return say("link/code", edit=True)


def hear_code(turn: Turn) -> Move:
    """Check the digits, or do what was asked instead of them."""
    email = turn.slots.get("email")
    match turn.choice:
        case "again" if email:
            return _ask_link(email)
        case "again" | "other":
            return Move(to=EMAIL_STEP)
        case "missing":
            return Move(to=CODE, slots=turn.slots, asks=say("link/missing"))
    proof = proof_in(turn.text)
    if "token" in proof:
        return perform(RedeemToken(proof["token"]), _by_token)
    if "@" in turn.text:
        return hear_email(turn)
    return _show_digits(digits_in(turn.text), turn.slots)


def may_be_code(text: str) -> bool:
    """Tell whether *text* is meant as digits, as a code or as another address."""
    letters = sum(char.isalpha() for char in text)
    return (bool(digits_in(text)) and letters < 2) or "@" in text or bool(proof_in(text))


def _show_digits(digits: str, slots: Any) -> Move:
    if len(digits) != DIGITS:
        return Move(to=CODE, slots=slots, asks=say("link/count", count=len(digits), right=DIGITS))

    def shown(turn: Turn, proof: Proof) -> Move:
        match proof.verdict:
            case "right":
                return _is_this_you(proof)
            case "wrong":
                return Move(to=CODE, slots=slots, asks=say("link/wrong", left=proof.left))
            case "wait":
                return finish(say("link/too_many_guesses", minutes=proof.minutes))
            case "expired" | "ended" as verdict:
                return Move(to=CODE, slots=slots, asks=say(f"link/{verdict}"))
            case _ if slots:
                return Move(to=CODE, slots=slots, asks=say("link/ended"))
            case _:
                return finish(say("link/unasked"))

    return perform(RedeemDigits(digits), shown)


def _by_token(turn: Turn, proof: Proof) -> Move:
    match proof.verdict:
        case "right":
            return _is_this_you(proof)
        case "wait":
            return finish(say("link/too_many_guesses", minutes=proof.minutes))
        case verdict:
            return finish(say("link/refused", verdict=verdict))


# The person


def _is_this_you(proof: Proof) -> Move:
    people = [[person.id, person.name, person.country, person.role] for person in proof.people]
    return Move(to=PERSON, slots={"request": proof.request, "people": people})


def ask_person(turn: Turn) -> Saying:
    """Return "Is this you?", or the names to choose from where people share a mailbox."""
    return say("link/person", edit=True, people=[tuple(person) for person in turn.slots["people"]])


def hear_person(turn: Turn) -> Move:
    """Link the account to whom they say they are; void the link when they are nobody of these."""
    people = {str(person[0]): person for person in turn.slots["people"]}
    word = turn.text.strip(" .!").casefold()
    chosen = next(iter(people)) if word in YES and len(people) == 1 else turn.choice
    if chosen == "no" or word in NO:
        return perform(DisownLink(turn.slots["request"]), lambda *_: finish(say("link/not_me", edit=True)))
    if chosen not in people:
        return Move(to=PERSON, slots=turn.slots)
    return perform(LinkOneself(turn.slots["request"], int(chosen)), _linked)


def says_yes_or_no(text: str) -> bool:
    """Tell whether *text* answers "Is this you?"."""
    return text.strip(" .!").casefold() in YES | NO


def _linked(turn: Turn, linked: Linked | None) -> Move:
    if linked is None:
        return finish(say("link/refused", verdict="used"))
    slots = {"name": linked.name, "country": linked.country}
    return Move(to=CONSENT if turn.person.language_chosen else LANGUAGE, slots=slots)


# The language and the consent


def ask_language(turn: Turn) -> Saying:
    """Return that they are linked, and the question for the language."""
    return say("link/language", edit=True, name=turn.slots["name"])


def hear_language(turn: Turn) -> Move:
    """Keep the language."""
    if turn.choice not in LANGUAGES:
        return Move(to=LANGUAGE, slots=turn.slots)
    return perform(ChooseLanguage(turn.choice), lambda turn, _: Move(to=CONSENT, slots=turn.slots))


def ask_consent(turn: Turn, *, more: bool = False, again: bool = False) -> Saying:
    """Return what is kept, until when, and who sees it; *again* where these words have changed."""
    days = turn.know.forum.retention.get("messages")
    return say(
        "link/consent",
        edit=True,
        name=turn.slots["name"],
        until=turn.know.forum.ends + timedelta(days=days) if days is not None else None,
        channel=turn.person.channel,
        more=more,
        again=again,
    )


def hear_consent(turn: Turn) -> Move:
    """Keep the consent; without it the account is a visitor's again."""
    match turn.choice:
        case "agree":
            return perform(GiveConsent(), lambda turn, _: finish(ready(turn, turn.slots["country"])))
        case "more":
            return Move(to=CONSENT, slots=turn.slots, asks=ask_consent(turn, more=True))
        case "decline":
            return perform(UnlinkOneself(), lambda *_: finish(say("link/declined", edit=True)))
        case _:
            return Move(to=CONSENT, slots=turn.slots)


def ask_again(turn: Turn) -> Saying:
    """Return the words as they are now, for somebody who agreed to earlier ones, or to none."""
    return replace(_asked_again(turn), edit=False)


def _asked_again(turn: Turn, *, more: bool = False) -> Saying:
    again = bool(turn.slots.get("again"))
    return ask_consent(turn.with_slots({"name": turn.person.name}), more=more, again=again)


def hear_again(turn: Turn) -> Move:
    """Keep the new consent; without it they are linked nowhere, as if they had taken the old one back."""
    match turn.choice:
        case "agree":
            return perform(GiveConsent(), lambda *_: finish(say("link/agreed", edit=True)))
        case "more":
            return Move(to=AGAIN, asks=_asked_again(turn, more=True), slots=turn.slots)
        case "decline":
            return perform(
                WithdrawConsent(), lambda *_: finish(say("stop/stopped", edit=True, confirmed=True))
            )
        case _:
            return Move(to=AGAIN, slots=turn.slots)


EMAIL_STEP = Step("email", ask_email, hear_email, reads=may_be_email)
CODE = Step("code", ask_code, hear_code, reads=may_be_code)
PERSON = Step("person", ask_person, hear_person, reads=says_yes_or_no)
LANGUAGE = Step("language", ask_language, hear_language, free=False)
CONSENT = Step("consent", ask_consent, hear_consent, free=False)
AGAIN = Step("again", ask_again, hear_again, free=False)
LINK = Dialogue("link", begin, (EMAIL_STEP, CODE, PERSON, LANGUAGE, CONSENT))
CONSENT_AGAIN = Dialogue("consent", lambda turn: Move(to=AGAIN, slots=turn.slots), (AGAIN,))
