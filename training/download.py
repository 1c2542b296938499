"""Bringing public repositories: a state of one as an archive, or the history of one of its files."""

import gzip
import http.client
import os
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from tqdm import tqdm

from standfirst.errors import DataError

_TIMEOUT_S = 60
_ELSEWHERE = "check the network and run it again (what is done is kept), or use --data-dir with a folder of your own"


def archive_members(repo: str, commit: str) -> Iterator[tuple[str, bytes]]:
    """Every file of a repository at a commit, as path and content, while it is downloaded.

    Raises
    ------
    DataError
        If the archive cannot be had, is cut off, or is none.
    """
    url = f"{repo}/archive/{commit}.tar.gz"
    try:
        with urllib.request.urlopen(_request(url), timeout=_TIMEOUT_S) as answer:
            total = int(answer.headers.get("Content-Length") or 0) or None
            stream: Any
            with tqdm.wrapattr(answer, "read", total=total, desc=PurePosixPath(repo).name, unit="B") as stream:
                yield from _files(gzip.GzipFile(fileobj=stream))
    except urllib.error.HTTPError as error:
        raise DataError(f"the server says {error.code} {error.reason}; is the commit still there?", where=url) from None
    except urllib.error.URLError as error:
        raise DataError(f"no connection: {error.reason}; {_ELSEWHERE}", where=url) from None
    except (TimeoutError, ConnectionError, http.client.HTTPException) as error:
        raise DataError(f"the connection broke: {error!r}; {_ELSEWHERE}", where=url) from None
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"the archive is broken or was cut off ({error}); run it again", where=url) from None


def _request(url: str) -> urllib.request.Request:
    if not url.startswith(("https://", "http://")):
        raise DataError("expected an address that begins with https://", where=url)
    return urllib.request.Request(url, headers={"User-Agent": "standfirst-training"})


def _files(unpacked: gzip.GzipFile) -> Iterator[tuple[str, bytes]]:
    """Files without the folder that the archive wraps around them; nothing is written by their names."""
    with unpacked, tarfile.open(fileobj=unpacked, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield member.name.partition("/")[2], content.read()
        while unpacked.read(1 << 16):  # to its end, where an archive that was cut off is found out
            pass


def file_history(repo: str, commit: str, path: str) -> Iterator[tuple[int, str]]:
    """Every version of a file up to a commit, oldest first: seconds since 1970, text.

    Raises
    ------
    DataError
        If git is not installed, or cannot clone the repository.
    """
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone.git"
        _git("clone", "--quiet", "--bare", "--single-branch", f"{repo}.git", str(clone), where=repo)
        log = _git("-C", str(clone), "log", "--reverse", "--format=%H %ct", commit, "--", path, where=repo)
        versions = [line.split() for line in log.decode().splitlines()]
        names = "".join(f"{sha}:{path}\n" for sha, _ in versions).encode()
        blobs = _git("-C", str(clone), "cat-file", "--batch", where=repo, given=names)
    for (_, seconds), text in zip(versions, _blobs(blobs), strict=True):
        if text is not None:
            yield int(seconds), text


def _git(*arguments: str, where: str, given: bytes = b"") -> bytes:
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(["git", *arguments], input=given, capture_output=True, check=True, env=quiet)
    except FileNotFoundError:
        raise DataError(
            "git is not installed, and the history of a file cannot be had without it", where=where
        ) from None
    except subprocess.CalledProcessError as error:
        lines: list[Any] = error.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"]
        raise DataError(f"git {arguments[0]} failed: {lines[-1]}; {_ELSEWHERE}", where=where) from None
    return done.stdout


def _blobs(output: bytes) -> Iterator[str | None]:
    """What ``git cat-file --batch`` wrote; ``None`` where the file was deleted."""
    at = 0
    while at < len(output):
        head, at = output[at : (end := output.index(b"\n", at))], end + 1
        if head.endswith(b" missing"):
            yield None
            continue
        size = int(head.split()[-1])
        yield output[at : at + size].decode(errors="replace")
        at += size + 1
