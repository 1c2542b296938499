from pathlib import Path

import pytest

from serving.settings import Settings
from standfirst.errors import InputError


def test_defaults_hold_when_nothing_is_set() -> None:
    others = {"PATH": "/bin", "STANDFIRST_JOBS": " ", "STANDFIRST_DATA": "data"}
    assert Settings.from_environment(others) == Settings()


def test_variables_are_read(tmp_path: Path) -> None:
    found = Settings.from_environment(
        {"STANDFIRST_MAX_BODY_BYTES": "99", "STANDFIRST_TIMEOUT_S": "0.5", "STANDFIRST_TOPICS": str(tmp_path)}
    )
    assert (found.max_body_bytes, found.timeout_s, found.topics) == (99, 0.5, tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("STANDFIRST_MAX_BODY_BITES", "1", "did you mean STANDFIRST_MAX_BODY_BYTES?"),
        ("STANDFIRST_JOBS", "two", "expected a whole number from 1"),
        ("STANDFIRST_JOBS", "0", "expected a whole number from 1"),
        ("STANDFIRST_CACHE_MIB", "-1", "expected a whole number from 0"),
        ("STANDFIRST_TIMEOUT_S", "nan", "expected a number from 0.001"),
        ("STANDFIRST_TOPICS", "/no/such/folder", "expected an exported model"),
    ],
)
def test_what_is_wrong_is_named(name: str, value: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Settings.from_environment({name: value})
    assert caught.value.where == name
