"""`saphan serve`, its halves `saphan web` and `saphan worker`, and `saphan chat`: the assistant itself."""

import asyncio
import os
import sys
import webbrowser
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from adapters.adapter import Adapter
    from adapters.settings import Settings
    from adapters.wiring import Parts

Host = Annotated[str, typer.Option(help="The address to listen at.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at; 0 takes a free one.")]
AsOf = Annotated[
    str | None, typer.Option(help="Run the clock from another moment, for example 2022-09-13T10:42+07:00.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command()(serve)
    app.command()(web)
    app.command()(worker)
    app.command()(chat)
    app.command(name="slack-manifest")(slack_manifest)


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    as_of: AsOf = None,
    show: Annotated[
        bool, typer.Option("--open", help="Open the browser chat where there is a screen.")
    ] = False,
) -> None:
    """Serve the browser chat, Telegram and Slack, and send what is due, until Ctrl-C."""
    from adapters import server

    def opened(actual: int) -> None:
        if show and _has_screen():
            webbrowser.open(f"http://{host}:{actual}/")

    _run(server.serve, host, port, as_of, opened)


def web(host: Host = "127.0.0.1", port: Port = 8000, as_of: AsOf = None) -> None:
    """Serve what comes over HTTP and send nothing: one of several such processes, beside `saphan worker`."""
    from adapters import server

    _run(server.serve_web, host, port, as_of)


def worker(
    host: Host = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="The port to tell the health at; none when it is not given."),
    ] = None,
    as_of: AsOf = None,
) -> None:
    """Send what is due and do what happens by itself: one of several such processes, beside `saphan web`."""
    from adapters import server

    _run(server.work, host, port, as_of)


def chat(
    name: Annotated[
        str, typer.Option("--as", help="Who talks: a name of your own, or an imported e-mail address.")
    ] = "me",
    lang: Annotated[str | None, typer.Option(help="Begin in this language: en, fr, ru or zh.")] = None,
    as_of: AsOf = None,
) -> None:
    """Talk to the assistant in this terminal."""
    from adapters import wiring
    from adapters.logs import to_nowhere
    from adapters.settings import read_settings
    from adapters.terminal import talk

    to_nowhere()
    clock_of = wiring.followed_clock if as_of is None else wiring.own_clock
    with wiring.open_parts(_at(read_settings(), as_of), clock_of) as parts:
        asyncio.run(talk(parts, name, lang))


def slack_manifest() -> None:
    """Print the manifest to create the Slack app from: over HTTP when a public URL and no app token is set."""
    from adapters.settings import read_settings
    from adapters.slack.manifest import as_yaml

    settings = read_settings()
    print(as_yaml("" if settings.slack_app_token else settings.public_url), end="")


def _at(settings: "Settings", as_of: str | None) -> "Settings":
    """Return *settings* with the clock that the command line asks for."""
    from bot.errors import Refused

    if as_of is None:
        return settings
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Refused(f"--as-of “{as_of}” is not a moment with a time zone; write 2022-09-13T10:42+07:00")
    return settings.model_copy(update={"as_of": moment})


def _run(
    serving: Callable[..., Coroutine[Any, Any, None]],
    host: str,
    port: int | None,
    as_of: str | None,
    opened: Callable[[int], None] = lambda _: None,
) -> None:
    """Run *serving* on the installation of the settings, and say what is on; *opened* is told the port."""
    from adapters import doctor, server, wiring
    from adapters.logs import to_console
    from adapters.settings import read_settings

    settings = _at(read_settings(), as_of)
    doctor.refuse_weak(settings)
    to_console(settings.log_format)
    # A port that is taken is told before the assistant learns its pack, which takes a while the first time.
    with (
        nullcontext() if port is None else server.bound(host, port) as listener,
        wiring.open_parts(settings, wiring.serving_clock) as parts,
    ):
        adapters = wiring.open_adapters(parts)

        def started(actual: int) -> None:
            for line in _report(parts, adapters, f"http://{host}:{actual}/" if actual else ""):
                print(line, flush=True)
            opened(actual)

        server.run(serving(parts, adapters, listener, started))
    print("Stopped. Nothing was lost.")


def _has_screen() -> bool:
    """Tell whether a browser window can open here; a browser in the terminal would be in the way."""
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def _report(parts: "Parts", adapters: Sequence["Adapter"], url: str) -> Iterator[str]:
    """Yield in plain words what is on, where, and what to do next."""
    know = parts.snapshots.current
    yield f"Saphan serves {know.forum.name.in_('en')}."
    if parts.clock.rehearsal:
        shown = parts.clock.now().astimezone(know.forum.time_zone)
        yield f"Clock: {shown:%d %B %Y, %H:%M}, Bangkok time (rehearsal clock)."
    if url:
        yield f"Browser chat: {url}"
    for adapter in adapters:
        if adapter.name != "web":
            yield adapter.status
    yield f"Data: {parts.store.place}"
    yield "Open the address above in a browser, or type `saphan chat` in another terminal. Ctrl-C stops."
