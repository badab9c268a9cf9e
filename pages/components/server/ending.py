"""A server that is asked to end ends, whoever is connected.

uvicorn closes each connection nobody uses once, as it begins to end, and then waits for all there are, for ever: a
browser that connects at that moment, or does not read what it asked for, would keep it alive as long as it likes.
"""

import asyncio
import signal

import uvicorn

LOOK_SECONDS = 0.1
MAX_SECONDS = 3.0  # to finish an answer in


def this_server() -> uvicorn.Server | None:
    """The server whose event loop this is: it listens to the signal that ends it."""
    owner = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return owner if isinstance(owner, uvicorn.Server) else None


async def end_in_time(server: uvicorn.Server) -> None:
    """Once the server is asked to end, close what is idle, and after `MAX_SECONDS` whatever is left."""
    while not server.should_exit:
        await asyncio.sleep(LOOK_SECONDS)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + MAX_SECONDS
    while True:
        for connection in list(server.server_state.connections):
            if loop.time() > deadline:
                connection.transport.abort()
            elif getattr(connection, "cycle", connection) is None:  # not one request has come
                connection.transport.close()
        await asyncio.sleep(LOOK_SECONDS)
