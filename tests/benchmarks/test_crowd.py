"""The crowd in small: three watch for two seconds."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks import crowd

pytestmark = pytest.mark.long


def test_everybody_sees_the_last_step() -> None:
    with ThreadPoolExecutor(1) as elsewhere:  # browser tests leave an event loop in this thread
        result = elsewhere.submit(crowd.measure, 3, 2 / 60, dataset="digits", settle=1.0).result()
    assert result["saw_last_step"] == 3
    assert result["held"]
    assert "3 saw the last one" in crowd.text_of(result)
    assert result["footprint"]["watched"]["memory_bytes"] > 10_000_000
