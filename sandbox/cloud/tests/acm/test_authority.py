"""Certificates are signed by one authority as long as the sandbox lives."""

import urllib.request
from pathlib import Path

from helpers.emulator import Emulator, running


def authority(emulator: Emulator) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{emulator.port}/_sandbox/authority") as answer:
        return answer.read()


def test_who_trusts_the_authority_goes_on_to_when_the_emulator_is_replaced(tmp_path: Path) -> None:
    with running(tmp_path, "cloud.account.given") as emulator:
        before = authority(emulator)
        emulator.stop()
        emulator.start()
        assert authority(emulator) == before
    assert before.startswith(b"-----BEGIN CERTIFICATE")
