"""Whatever is logged, by whomever, at whatever level: the canary is not in it. In processes of their own."""

import json
import subprocess
import sys

import pytest

SENT = "CAN" + "ARY"

_WAYS = {
    "own logger, traceback": "try: raise ValueError(SENT)\nexcept ValueError: log('standfirst.x').exception('a bug')",
    "other logger": "log('httpx').error('sent %s', SENT)",
    "other logger, in the template": "log('asyncio').error(SENT)",
    "debug": "log('other').debug(SENT)",
    "cause": "try:\n  try: raise KeyError(SENT)\n  except KeyError as e: raise ValueError(SENT) from e\n"
    "except ValueError: log('bentoml.serve').exception('Exception on %s', SENT)",
    "warning": "warnings.warn(SENT)",
    "a thread": "t = threading.Thread(target=lambda: [][SENT]); t.start(); t.join()",
    "a destructor": "class A:\n  def __del__(self): raise ValueError(SENT)\nA()",
    "nobody caught it": "raise ValueError(SENT)",
    "a task": "async def f(): raise ValueError(SENT)\n"
    "async def g():\n  t = asyncio.ensure_future(f()); await asyncio.sleep(0.01); del t\nasyncio.run(g(), debug=True)",
}


@pytest.mark.slow
@pytest.mark.parametrize("way", _WAYS)
def test_no_way_leads_a_text_into_the_log(way: str) -> None:
    code = (
        "import asyncio, logging, threading, warnings\nfrom serving import logs\n"
        f"log = logging.getLogger\nSENT = 'CAN' + 'ARY'\nlogs.install('debug')\n{_WAYS[way]}\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines, done.stderr
    assert {"time", "level", "logger", "message"} <= set(lines[-1])
    assert SENT not in done.stdout + done.stderr
    assert done.stderr == ""


@pytest.mark.slow
def test_a_request_has_one_line() -> None:
    code = (
        "import logging\nfrom serving import logs\nlogs.install('debug')\n"
        "for name in ('uvicorn.access', 'bentoml.access', 'standfirst.access'): logging.getLogger(name).info('request')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert [json.loads(line)["logger"] for line in done.stdout.splitlines()] == ["standfirst.access"]


def test_a_traceback_names_places_and_kinds() -> None:
    from serving.logs import places

    try:
        try:
            raise KeyError(SENT)
        except KeyError as error:
            raise ValueError(SENT) from error
    except ValueError as error:
        found = places(error)
    assert found["error"] == "ValueError from KeyError"
    assert all("test_logs.py" in place for place in found["at"])
    assert SENT not in str(found)
