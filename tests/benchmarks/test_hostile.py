"""The door in small: every stranger is tried once."""

from benchmarks import hostile


def test_every_stranger_is_refused_and_nobody_is_called() -> None:
    result = hostile.measure(1)
    assert len(result["answers"]) == 31
    assert {row["status"] for row in result["answers"]} == {403}
    assert result["outgoing"] == 0
    assert "outgoing connections 0" in hostile.text_of(result)
