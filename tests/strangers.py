"""Requests that no browser of ours would send, and an internet that counts who calls."""

import socket
import threading

from tests.waiting import HANG_SECONDS


class Outside:
    """A proxy that stands for the internet: it counts who comes, and never answers."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.callers: list[socket.socket] = []
        threading.Thread(target=self._count, daemon=True).start()

    @property
    def environment(self) -> dict[str, str]:
        """Has a process send all its requests here."""
        return dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), self.address)

    def _count(self) -> None:
        while True:
            try:
                self.callers.append(self._listener.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        self._listener.close()


def handshake(port: int, path: str, *, host: str, origin: str) -> int:
    """The status that a socket is answered with; 101 if it is opened."""
    return status(
        port,
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    )


def say_no_text(port: int, path: str) -> bytes:
    """Open a socket as a page of ours and send what is no UTF-8 as text. Returns all that is answered until the end."""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    with socket.create_connection(("localhost", port), timeout=HANG_SECONDS) as connection:
        connection.sendall(request.encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 101")
        connection.sendall(b"\x81\x82\0\0\0\0\xff\xfe")  # a whole text of two bytes, masked by zeros
        return b"".join(iter(lambda: connection.recv(4096), b""))


def status(port: int, request: str) -> int:
    with socket.create_connection(("localhost", port), timeout=HANG_SECONDS) as connection:
        connection.sendall(request.encode())
        return int(connection.recv(100).split()[1])
