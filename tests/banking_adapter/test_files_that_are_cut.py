"""A line that breaks in the middle of a file: the run goes on with it once, and the next run does the rest."""

from __future__ import annotations

import pytest

from gateway.errors import Unavailable
from tests.banking_adapter.test_files_that_are_refused import Inbox, inbox

__all__ = ["inbox"]

pytestmark = [pytest.mark.services, pytest.mark.scenario]


def cut(inbox: Inbox, name: str, times: int) -> None:
    inbox.bank.simulator.misbehave("drop_mid_file", count=times, match={"name": name}, after=1_100)


def resumed(inbox: Inbox, name: str) -> list[int]:
    """The bytes at which downloads of the file went on."""
    told = inbox.bank.simulator.holds()["happened"]
    return [one["offset"] for one in told if one["what"] == "download_resumed" and one["name"] == name]


def test_a_file_that_was_cut_is_gone_on_with_in_the_same_run(inbox: Inbox) -> None:
    name = inbox.put(10_000)
    cut(inbox, name, 1)
    assert inbox.look().counts["entries"] == 1
    assert resumed(inbox, name) == [1_024]
    assert inbox.entries() == [10_000]


def test_a_file_that_is_cut_again_waits_for_the_next_run_and_is_taken_once(inbox: Inbox) -> None:
    name = inbox.put(10_000)
    cut(inbox, name, 2)
    with pytest.raises(Unavailable) as broken:
        inbox.look()
    assert broken.value.code == "sftp-connection-lost"
    assert inbox.kept() == []
    assert inbox.look().counts["entries"] == 1
    assert inbox.entries() == [10_000]
    assert [state for state, *_ in inbox.kept()] == ["applied"]
