"""Who may do what: the one table of rights, looked up in the one place where commands are carried out."""

from collections.abc import Mapping
from typing import Literal, get_args

from bot.errors import NotAllowed

Role = Literal[
    "visitor", "delegate", "focal_point", "partner", "private_sector", "media", "secretariat", "admin"
]
ROLES: tuple[Role, ...] = get_args(Role)

EVERYONE = frozenset(ROLES)
REGISTERED = EVERYONE - {"visitor", "media"}
AUTHORS = EVERYONE - {"media"}
SECRETARIAT: frozenset[Role] = frozenset({"secretariat", "admin"})
ADMIN: frozenset[Role] = frozenset({"admin"})
GOVERNMENTS: frozenset[Role] = frozenset({"delegate", "focal_point"})

RIGHTS: Mapping[str, frozenset[Role]] = {
    "choose_language": EVERYONE,
    "introduce_oneself": EVERYONE,
    "link_oneself": EVERYONE,
    "ask_secretariat": EVERYONE,
    "reopen_question": EVERYONE,
    "state_need": AUTHORS,
    "state_offer": AUTHORS,
    "withdraw_own": AUTHORS,
    "change_own": AUTHORS,
    "publish": SECRETARIAT | {"focal_point"},
    "review_statements": SECRETARIAT,
    "check_offer": SECRETARIAT,
    "read_own": EVERYONE,
    "read_live": EVERYONE,
    "read_programme": EVERYONE,
    "ask_introduction": REGISTERED,
    "answer_introduction": REGISTERED,
    "write_introduced": REGISTERED,
    "offer_introduction": SECRETARIAT,
    "show_gap": REGISTERED,
    "read_gaps": frozenset({"partner"}),
    "offer_to_join": frozenset({"partner"}),
    "answer_third": REGISTERED,
    "read_triangles": SECRETARIAT,
    "meet": REGISTERED,
    "arrange_meeting": SECRETARIAT,
    "follow": EVERYONE,
    "follow_group": EVERYONE,
    "join_group": GOVERNMENTS,
    "confirm_member": SECRETARIAT | {"focal_point"},
    "run_groups": SECRETARIAT,
    "run_projects": SECRETARIAT,
    "join_project": GOVERNMENTS,
    "circulate": SECRETARIAT,
    "reply_to_circular": REGISTERED,
    "mute": EVERYONE,
    "choose_channel": EVERYONE,
    "read_questions": SECRETARIAT,
    "answer_question": SECRETARIAT,
    "publish_answer": SECRETARIAT,
    "broadcast": SECRETARIAT,
    "confirm_read": EVERYONE,
    "import_people": SECRETARIAT,
    "read_people": SECRETARIAT,
    "change_person": SECRETARIAT,
    "change_role": ADMIN,
    "readmit": ADMIN,
    "give_papers": SECRETARIAT,
    "give_consent": EVERYONE,
    "withdraw_consent": EVERYONE,
    "choose_visibility": EVERYONE,
    "object_to_matching": EVERYONE,
    "keep_profile": REGISTERED,
    "read_network": REGISTERED,
    "check_profile": SECRETARIAT,
    "submit_practice": REGISTERED,
    "withdraw_practice": REGISTERED,
    "check_practice": SECRETARIAT,
    "keep_adaptation": REGISTERED,
    "read_adaptations": SECRETARIAT,
    "answer_survey": GOVERNMENTS,
    "submit_survey": frozenset({"focal_point"}),
    "read_survey": SECRETARIAT,
    "take_along": EVERYONE,
    "forget_oneself": EVERYONE,
    "stop": EVERYONE,
    "purge": ADMIN,
    "read_audit": ADMIN,
}
"""Maps each action to the roles that may take it; nobody may take one that does not stand here."""


def may(role: str, action: str) -> bool:
    """Tell whether *role* has the right to *action*."""
    return role in RIGHTS.get(action, frozenset())


def check(role: str, action: str) -> None:
    """Raise NotAllowed unless *role* has the right to *action*."""
    if not may(role, action):
        raise NotAllowed(f"the role {role} may not {action.replace('_', ' ')}")
