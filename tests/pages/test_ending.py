"""The server ends when it is asked to, whoever is connected, and is not impressed by what is no text."""

import socket
import threading
from pathlib import Path

import pytest
from harness import serve
from strangers import say_no_text

from mnist_core.runs.run import shipped_ids


@pytest.mark.long
def test_a_server_that_is_asked_to_end_waits_for_nobody_who_asks_nothing_or_does_not_read(tmp_path: Path) -> None:
    over, kept = threading.Event(), []

    def connect_again_and_again() -> None:
        while not over.is_set():
            try:
                kept.append(socket.create_connection(("localhost", server.port)))
            except OSError:  # it has ended, or has no more room
                over.wait(0.001)

    callers = [threading.Thread(target=connect_again_and_again) for _ in range(3)]
    try:
        with serve(tmp_path) as server:
            for path in ("/_stcore/stream", f"/api/live/{shipped_ids()[0]}"):
                assert b"\x03\xef" in say_no_text(server.port, path)  # closed with 1007; nothing of it in the log
            reader = socket.create_connection(("localhost", server.port))
            kept.append(reader)
            reader.sendall(b"GET /api/plotly.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert reader.recv(8) == b"HTTP/1.1"  # and not a byte of the megabytes that follow
            for caller in callers:
                caller.start()
    finally:
        over.set()
        for caller in callers:
            caller.join()
        for connection in kept:
            connection.close()
