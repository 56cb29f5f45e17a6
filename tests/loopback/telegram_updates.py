"""Telegram's updates as its server writes them; each gets the next update id."""

import itertools
from typing import Any

from tests.loopback.telegram import BOT

IDS = itertools.count(840_000_001)
NOON = 1_663_045_200
MELE = {"id": 5_000_000_001, "is_bot": False, "first_name": "Mele", "language_code": "en"}
ARMAN = {"id": 5_000_000_002, "is_bot": False, "first_name": "Арман", "language_code": "ru"}
GROUP = {"id": -100_200_300, "title": "Working group <3", "type": "supergroup", "is_forum": True}


def update(**content: Any) -> dict[str, Any]:
    return {"update_id": next(IDS), **content}


def private(person: dict[str, Any]) -> dict[str, Any]:
    return {"id": person["id"], "first_name": person["first_name"], "type": "private"}


def message(
    person: dict[str, Any] = MELE, *, number: int = 1, chat: Any = None, **content: Any
) -> dict[str, Any]:
    return {"message_id": number, "from": person, "chat": chat or private(person), "date": NOON, **content}


def heard(person: dict[str, Any] = MELE, **content: Any) -> dict[str, Any]:
    return update(message=message(person, **content))


def said(text: str, person: dict[str, Any] = MELE, **content: Any) -> dict[str, Any]:
    return heard(person, text=text, **content)


def edited(text: str, person: dict[str, Any] = MELE, **content: Any) -> dict[str, Any]:
    return update(edited_message=message(person, text=text, edit_date=NOON + 60, **content))


def tapped(data: str, person: dict[str, Any] = MELE, *, on: dict[str, Any] | None = None) -> dict[str, Any]:
    carrier = on or {"message_id": 70, "from": BOT, "chat": private(person), "date": NOON, "text": "Choose"}
    query = {"id": f"q{next(IDS)}", "from": person, "chat_instance": "1", "data": data, "message": carrier}
    return update(callback_query=query)


def changed(before: str, after: str, person: dict[str, Any] = MELE, chat: Any = None) -> dict[str, Any]:
    def member(status: str) -> dict[str, Any]:
        return {"user": BOT, "status": status} | ({"until_date": 0} if status == "kicked" else {})

    change = {
        "chat": chat or private(person),
        "from": person,
        "date": NOON,
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }
    return update(my_chat_member=change)
