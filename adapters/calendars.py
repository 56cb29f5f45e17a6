"""The addresses at which calendar programs find what people follow."""

from hashlib import sha256

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.assistant import Assistant
from bot.calendars import MEDIA_TYPE

PATH = "/calendar/"
FRESH = 300
"""Seconds for which a program may keep what it has got; most look every hour or so."""
NOT_MODIFIED, NOT_FOUND = 304, 404


def route(assistant: Assistant) -> Route:
    """Return the route of all addresses: whoever has one needs nothing else."""

    async def calendar(request: Request) -> Response:
        content = await assistant.calendar(request.path_params["token"])
        if content is None:
            return PlainTextResponse("There is no calendar at this address (any more).", NOT_FOUND)
        tag = f'"{sha256(content).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": f"private, max-age={FRESH}"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=NOT_MODIFIED, headers=headers)
        return Response(content, media_type=MEDIA_TYPE, headers=headers)

    return Route(f"{PATH}{{token}}.ics", calendar)
