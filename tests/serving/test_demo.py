import socket
from pathlib import Path

import pytest

from serving import demo


def test_a_taken_port_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert demo.main(["--once", "--port", str(port)]) == 1
    assert f"port {port} on 127.0.0.1 cannot be used" in capsys.readouterr().err


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main([str(tmp_path / "none.txt"), "--once"]) == 1
    assert "none.txt" in capsys.readouterr().err


def test_the_sample_is_ours() -> None:
    text = demo.SAMPLE.read_text(encoding="utf-8")
    assert text.startswith("date 2026-03-11")
    assert "Ukraine" not in text
