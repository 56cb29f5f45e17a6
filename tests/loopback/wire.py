"""A wire to a PostgreSQL server that is cut in the middle of a commit."""

import contextlib
import socket
import threading
from pathlib import Path
from typing import Literal, Self

COMMIT = b"COMMIT\0"
"""The end of a transaction on the wire, which `READ COMMITTED` is not."""


class Wire:
    """
    Carries connections on a port of its own to the server's socket at *path*.

    *cut* says where the next COMMIT ends the connection: before it reaches the server, or before its answer comes
    back. While *refuses*, nobody gets through any more.
    """

    def __init__(self, path: Path) -> None:
        self.cut: Literal["before", "after"] | None = None
        self.refuses = False
        self._path = path
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self.refuses:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._path))
                threading.Thread(target=self._carry, args=(client, server), daemon=True).start()

    def _carry(self, client: socket.socket, server: socket.socket) -> None:
        threading.Thread(target=self._answer, args=(server, client), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                cut = self.cut if COMMIT in data else None
                if cut:
                    self.cut = None
                    client.shutdown(socket.SHUT_RDWR)
                if cut != "before":
                    server.sendall(data)
                if cut:
                    break
        server.close()

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        client.close()
