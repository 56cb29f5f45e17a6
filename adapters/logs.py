"""Where log lines go: standard error, as words for a person or as JSON for a machine."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""Controls, line ends, marks that turn what follows, and halves of characters."""


def to_console(form: Literal["console", "json"]) -> None:
    """Write log lines to standard error in *form*; other libraries' lines from warnings on."""
    structlog.configure(
        processors=processors(form, colors=sys.stderr.isatty()),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def processors(form: Literal["console", "json"], *, colors: bool = False) -> list[structlog.typing.Processor]:
    """Return what makes a line of an event: one line, whatever its values hold."""
    first: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        on_one_line,
    ]
    if form == "json":
        return [*first, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    # Plain tracebacks: the others print local variables, and those hold what people wrote.
    plain = structlog.dev.plain_traceback
    return [*first, structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=plain)]


def on_one_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Write out, as an escape, what would begin a line of its own or what a terminal obeys."""
    return {name: _harmless(value) for name, value in event.items()}


def _harmless(value: Any) -> Any:
    if isinstance(value, str):
        return OBEYED.sub(lambda found: repr(found[0])[1:-1], value)
    return value


def to_nowhere() -> None:
    """Write nothing: a terminal that holds a conversation shows nothing technical."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
