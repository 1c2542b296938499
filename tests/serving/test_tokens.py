from pathlib import Path

import pytest

from serving import tokens
from serving.errors import Refusal
from serving.tokens import Tokens
from standfirst.errors import InputError

OLD, NEW = "old-" + "a" * 20, "new-" + "b" * 20


def bearer(token: str, scheme: str = "Bearer") -> dict[bytes, bytes]:
    return {b"authorization": f"{scheme} {token}".encode()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "tokens"
    found.write_text(f"# desk\n{OLD}\n\n  {NEW}  \n", encoding="utf-8")
    return found


def test_each_token_of_the_file_is_let_in_under_a_name_of_its_own(path: Path) -> None:
    found = Tokens(path)
    names = {found.caller(bearer(OLD)), found.caller(bearer(NEW, "bearer"))}
    assert len(names) == 2
    assert not any(name in OLD + NEW for name in names)


@pytest.mark.parametrize(
    "headers",
    [{}, bearer(""), bearer("wrong-" + "c" * 20), bearer(OLD, "Basic"), bearer(OLD + "x"), bearer("# desk")],
)
def test_all_others_are_sent_away(path: Path, headers: dict[bytes, bytes]) -> None:
    with pytest.raises(Refusal) as caught:
        Tokens(path).caller(headers)
    assert (caught.value.status, caught.value.code) == (401, "unauthorized")
    assert caught.value.headers == {"WWW-Authenticate": "Bearer"}


def test_every_token_is_compared_in_constant_time(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def compare(known: bytes, digest: bytes) -> bool:
        compared.append(known)
        return known == digest

    found = Tokens(path)
    monkeypatch.setattr("hmac.compare_digest", compare)
    found.caller(bearer(OLD))
    assert len(compared) == 2, "the first one fits, and the second is compared all the same"


def test_tokens_are_rotated_by_writing_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_LOOK_S", 0.0)
    found = Tokens(path)
    path.write_text(NEW + "\n", encoding="utf-8")
    found.caller(bearer(NEW))
    with pytest.raises(Refusal):
        found.caller(bearer(OLD))
    path.write_text("short\n", encoding="utf-8")
    found.caller(bearer(NEW))
    path.unlink()
    found.caller(bearer(NEW))


@pytest.mark.parametrize(
    ("text", "message"), [("", "no token"), ("# only\n", "no token"), ("short\n", "fewer than 16")]
)
def test_a_file_without_good_tokens_stops_the_start(path: Path, text: str, message: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        Tokens(path)
