"""`saphan groups`: who is in the working groups, and what the secretariat writes to them."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.group_chat_commands import GroupChat
    from bot.group_commands import Count

app = typer.Typer(help="The working groups.", no_args_is_help=True)


@app.command(name="list")
def list_groups() -> None:
    """Show how many follow each group, wait to be confirmed, and are in it, by country."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.group_commands import CountGroups

    with wiring.open_office(read_settings()) as office:
        counts: tuple[Count, ...] = office.perform(CountGroups())
        names = {id_: group.name.in_("en") for id_, group in office.know.groups.items()}
    for count in counts:
        members = ", ".join(f"{country or '?'} {number}" for country, number in count.members.items())
        print(f"{count.group}  {names[count.group]}")
        print(
            f"  members: {members or 'none'}; observers: {count.observers}; "
            f"following: {count.followers}; to be confirmed: {count.asked}"
        )
    print(f"{len(counts)} working groups.")


@app.command()
def write(
    group: Annotated[str, typer.Argument(help="The group's id in groups.yaml.")],
    text: Annotated[list[str], typer.Option(help="The words in one language: en=TEXT; English is needed.")],
    members_only: Annotated[
        bool, typer.Option("--members-only", help="Only who is in the group reads it.")
    ] = False,
) -> None:
    """Write to the followers of a group: it stands under the group at once and in the day's digest."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.group_commands import TellGroup

    texts = {lang: words.strip() for lang, _, words in (one.partition("=") for one in text)}
    if not texts.get("en"):
        raise Refused("the English text is missing; write --text en=TEXT")
    with wiring.open_office(read_settings()) as office:
        digest = office.perform(TellGroup(group, texts, not members_only))
        zone = office.know.forum.time_zone
    if digest is None:
        raise Refused(f"there is no working group {group}; see: saphan groups list")
    print(f"Kept; the followers are told at {digest.astimezone(zone):%Y-%m-%d %H:%M}.")


@app.command()
def places() -> None:
    """Show the chats that are a group's own: channel, chat and topic, as `untie` takes them."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.group_chat_commands import GroupChats

    with wiring.open_office(read_settings()) as office:
        chats: tuple[GroupChat, ...] = office.perform(GroupChats())
    for chat in chats:
        spot = chat.spot
        print(f"{chat.group}  {spot.channel} {spot.chat}{f' --topic {spot.topic}' if spot.topic else ''}")
    print(f"{len(chats)} places.")


# The ids of Telegram's groups begin with a minus.
@app.command(context_settings={"ignore_unknown_options": True})
def untie(
    channel: Annotated[str, typer.Argument(help="telegram or slack.")],
    chat: Annotated[str, typer.Argument(help="The chat, as `saphan groups places` shows it.")],
    topic: Annotated[str, typer.Option(help="The topic, where it is not the whole chat.")] = "",
) -> None:
    """Take a chat from its group, for instance where the assistant was put out of it. Giving one is said there."""
    from adapters import wiring
    from adapters.settings import read_settings
    from bot.errors import Refused
    from bot.group_chat_commands import UntieGroup
    from bot.messages import Spot

    with wiring.open_office(read_settings()) as office:
        taken: GroupChat | None = office.perform(UntieGroup(Spot(channel, chat, topic)))
    if taken is None:
        raise Refused("no working group has that chat; see: saphan groups places")
    print(f"It is {taken.group}'s no longer.")
