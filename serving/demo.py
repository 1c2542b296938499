"""Start the service, post it a live blog, print what an editor would want to read, and stay up.

``python -m serving.demo [FILE] [--port 3000] [--once]``; ``make run`` is this.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import httpx

from standfirst.terminal import table_text, width

SAMPLE = Path(__file__).parent / "samples" / "harbour.txt"
SERVICE = "serving.service:Standfirst"
_START_S = 90
_ANSWER_S = 120
_STOP_S = 15
_LOG_LINES = 30


class DemoError(Exception):
    """Something that the user should read, and no traceback."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; 0 done, 1 failed, 2 usage."""
    parser = argparse.ArgumentParser(prog="python -m serving.demo", description="Start the service and try it.")
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, default=SAMPLE, help="a live blog to post")
    parser.add_argument("--port", type=int, default=3000, help="port on 127.0.0.1 (default 3000)")
    parser.add_argument("--once", action="store_true", help="end the service after the answer")
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended in the same order as by Ctrl-C
    try:
        document = args.file.read_text(encoding="utf-8")
        with serving(args.port) as (url, process):
            print(table_text(read(url, document), width(sys.stdout)))
            print(f"Standfirst answers on {url}  (routes and a page to try them: {url}/)")
            if not args.once:
                print("Ctrl-C ends it.", flush=True)
                process.wait()
                raise DemoError("the service has ended by itself")
    except KeyboardInterrupt:
        return 0
    except (DemoError, OSError, UnicodeDecodeError, httpx.HTTPError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


def read(url: str, document: str) -> dict[str, Any]:
    """Post a document to ``/v1/read``."""
    response = httpx.post(f"{url}/v1/read", json={"document": document}, timeout=_ANSWER_S, trust_env=False)
    table: dict[str, Any] = response.json()
    if response.is_error:
        error = table["error"]
        raise DemoError(f"{error['where']}: {error['message']} ({error['code']})")
    return table


@contextmanager
def serving(port: int) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """Run the service on 127.0.0.1 as a child; give its address and process when it is ready, end it after.

    Raises
    ------
    DemoError
        If the port is taken, or the service is not ready in time; then with the end of its log.

    """
    _check_free(port)
    url = f"http://127.0.0.1:{port}"
    bentoml = [sys.executable, "-m", "bentoml", "serve", SERVICE, "--host", "127.0.0.1", "--port", str(port)]
    root = Path(__file__).parents[1]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            bentoml,
            cwd=root,
            env={**os.environ, "BENTOML_DO_NOT_TRACK": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us; we end the service in order
        )
        try:
            _wait(url, process, log)
            yield url, process
        finally:
            _stop(process)


def _check_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            message = f"port {port} on 127.0.0.1 cannot be used; end what listens there or take another with --port"
            raise DemoError(message) from None


def _wait(url: str, process: "subprocess.Popen[bytes]", log: IO[bytes]) -> None:
    """Wait until the service is ready. A worker that fails is started again for ever: its log tells."""
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and process.poll() is None and not _failed(log):
        try:
            if httpx.get(f"{url}/readyz", timeout=1, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise DemoError(f"the service did not start; the end of its log:\n{_tail(log)}")


def _failed(log: IO[bytes]) -> bool:
    return "Initializing service error" in _tail(log)


def _tail(log: IO[bytes]) -> str:
    # The service shares our file offset, which must not move: so no seek and read.
    text = os.pread(log.fileno(), os.fstat(log.fileno()).st_size, 0).decode(errors="replace")
    return "\n".join(text.splitlines()[-_LOG_LINES:])


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """End the service as a supervisor would, and its worker with it if it does not obey."""
    process.terminate()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
