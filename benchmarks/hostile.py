"""Foreign pages at the server's door: `python -m benchmarks.hostile [--rounds N] [--json]`.

Requests and sockets under foreign names and from foreign pages, many at once, while somebody asks again and again
whether the server is well. Every one should be refused, nobody should wait, and the server should call nobody: it runs
with a proxy that counts who comes and never answers, as an internet would that is down.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from benchmarks.medians import load
from benchmarks.speed import machine_line
from mnist_core.runs.run import shipped_ids
from tests.harness import serve
from tests.strangers import Outside, handshake, status

AT_ONCE = 20
FIRST_SECONDS = 15.0  # of a server, in which it imports torch and reads the data set
MAX_SECONDS = 0.2  # that somebody may wait to hear that the server is well
SOCKETS = ("/_stcore/stream", f"/api/live/{shipped_ids()[0]}")
PAGES = ("/", "/train", "/_stcore/health", "/api/plotly.min.js", "/api/at-work")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=500, help="how often everything is tried")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options.rounds, FIRST_SECONDS)
    print(json.dumps(result) if options.json else text_of(result))
    return 0 if result["held"] else 1


def measure(rounds: int, seconds: float = 0.0) -> dict[str, Any]:
    """Args: seconds: of the server's first, for which everything is tried again and again, however few the rounds."""
    outside = Outside()
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder), env=outside.environment) as server:
        own = f"localhost:{server.port}"
        begun = time.monotonic()
        # In a process of its own, which has not to share Python with those who attack.
        context = multiprocessing.get_context("spawn")
        over, found = context.Event(), context.Queue()
        asking = context.Process(target=_ask_again_and_again, args=(server.port, own, over, found))
        asking.start()
        found.get()  # it has begun
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                answers: Counter[tuple[str, int]] = Counter()
                while not answers or time.monotonic() - begun < seconds:
                    answers.update(pool.map(lambda case: _answer(server.port, own, *case), _cases(own) * rounds))
        finally:
            over.set()
            waits: list[float] = found.get()
            asking.join()
        assert asking.exitcode == 0, "the server was not well"
    outside.close()
    refused = all(code == 403 for _, code in answers)
    return {
        "machine": machine_line("cpu"),
        "load": load(),
        "answers": [{"what": what, "status": code, "times": times} for (what, code), times in sorted(answers.items())],
        "health_seconds": max(waits),
        "health_asked": len(waits),
        "outgoing": len(outside.callers),
        "held": refused and max(waits) <= MAX_SECONDS and not outside.callers,
    }


def _cases(own: str) -> list[tuple[str, str, str]]:
    """Path, host and origin of each; no origin is an empty one."""
    port = own.rpartition(":")[2]
    foreign = [
        (own, "http://evil.example"),
        (own, "https://evil.example:443"),
        (own, "null"),
        (own, "http://localhost:1"),
        (own, f"http://{own}.evil.example"),
        (f"evil.example:{port}", f"http://evil.example:{port}"),
        (f"localhost.evil.example:{port}", f"http://localhost.evil.example:{port}"),
        (f"192.0.2.1:{port}", f"http://192.0.2.1:{port}"),
    ]
    return [(path, host, origin) for path in SOCKETS for host, origin in foreign] + [
        (path, host, "") for path in PAGES for host, _ in foreign if host != own
    ]


def _answer(port: int, own: str, path: str, host: str, origin: str) -> tuple[str, int]:
    what = f"{path}, {'own name' if host == own else host.rpartition(':')[0]}"
    if origin:
        return f"{what}, page of {origin.replace(own, 'own').replace(str(port), 'port')}", handshake(
            port, path, host=host, origin=origin
        )
    return what, status(port, f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")


def _ask_again_and_again(port: int, own: str, over: Event, found: "Queue[list[float]]") -> None:
    request = f"GET /_stcore/health HTTP/1.1\r\nHost: {own}\r\nConnection: close\r\n\r\n"
    waits: list[float] = []
    found.put([])
    try:
        while not (waits and over.wait(0.01)):
            begun = time.perf_counter()
            assert status(port, request) == 200
            waits.append(time.perf_counter() - begun)
    finally:
        found.put(waits)  # or nobody would hear that it has failed


def text_of(result: dict[str, Any]) -> str:
    lines = [result["machine"], ""]
    lines += [f"{row['times']:>6} x {row['status']}  {row['what']}" for row in result["answers"]]
    lines += [
        "",
        f"longest wait for health {result['health_seconds']:.3f} s (asked {result['health_asked']:,} times; "
        f"at most {MAX_SECONDS} s), outgoing connections {result['outgoing']}",
        "held" if result["held"] else "NOT HELD",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
