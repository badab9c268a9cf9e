"""A web server on this machine that serves MNIST's files, well or badly."""

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

Behaviour = Literal["good", "forbidden", "truncated", "altered", "reset", "endless", "stalled", "silent"]
FIRST_BYTES = 100_000  # what a reader gets of a longer file before a stall
PATIENCE_SECONDS = 240.0  # of the server, so that no test hangs for ever


class Mirror:
    """One such server, as a test sees it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url  # ends in a slash
        self.asked_for: list[str] = []  # names of files, as often as they were asked for
        self.go_on = threading.Event()  # ends every stall
        self.abandoned: list[str] = []  # names of files whose readers left during a stall
        self._usual: Behaviour = "good"
        self._special: dict[str, Behaviour] = {}

    def behave(self, behaviour: Behaviour, *, for_file: str | None = None) -> None:
        """From now on, for one file or for all that have nothing of their own."""
        if for_file is None:
            self._usual = behaviour
        else:
            self._special[for_file] = behaviour

    def behaviour_for(self, name: str) -> Behaviour:
        return self._special.get(name, self._usual)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Readers leave when they like; torchvision does after each look for a redirect."""


class Handler(BaseHTTPRequestHandler):
    def __init__(self, *args: object, mirror: Mirror) -> None:
        self.mirror = mirror
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        self.mirror.asked_for.append(name)
        getattr(self, f"_{self.mirror.behaviour_for(name)}")((self.mirror.folder / name).read_bytes())

    def log_message(self, *_: object) -> None:
        pass

    def _begin(self, length: int | None) -> None:
        self.send_response(HTTPStatus.OK)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _good(self, content: bytes) -> None:
        self._begin(len(content))
        self.wfile.write(content)

    def _forbidden(self, content: bytes) -> None:
        self.send_error(HTTPStatus.FORBIDDEN)

    def _truncated(self, content: bytes) -> None:
        self._begin(len(content))
        self.wfile.write(content[: len(content) // 2])

    def _altered(self, content: bytes) -> None:
        self._good(content[:-1] + bytes([content[-1] ^ 1]))

    def _reset(self, content: bytes) -> None:
        """Break the connection in the middle, as a failing proxy does."""
        self._begin(len(content))
        self.wfile.write(content[:FIRST_BYTES])
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def _endless(self, content: bytes) -> None:
        self._begin(None)
        while True:  # until the reader leaves
            self.wfile.write(content)

    def _stalled(self, content: bytes) -> None:
        """Send a part, then nothing until told to go on or left alone."""
        self._begin(len(content))
        self.wfile.write(content[:FIRST_BYTES])
        self._wait()
        self.wfile.write(content[FIRST_BYTES:])

    def _silent(self, content: bytes) -> None:
        """Take the question and never answer."""
        self._wait()

    def _wait(self) -> None:
        for _ in range(int(PATIENCE_SECONDS / 0.05)):
            if self.mirror.go_on.wait(0.05):
                return
            if self._reader_has_left():
                self.mirror.abandoned.append(self.path.rsplit("/", 1)[-1])
                return

    def _reader_has_left(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and not self.connection.recv(1)
        except ConnectionResetError:
            return True


@contextmanager
def serve(folder: Path) -> Iterator[Mirror]:
    """Serve the files of `folder` until left."""
    mirror = Mirror(folder, "")
    with Server(("127.0.0.1", 0), partial(Handler, mirror=mirror)) as server:
        mirror.url = f"http://127.0.0.1:{server.server_address[1]}/"
        thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02), daemon=True)
        thread.start()
        try:
            yield mirror
        finally:
            mirror.go_on.set()
            server.shutdown()
            thread.join()
