"""Files opened for reading: local or remote, plain, gzip or Zstandard; a file that was cut off says so."""

import gzip
import io
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from standfirst.archive.inputs import Input, fsspec_for, is_url
from standfirst.errors import ArchiveError

_CHUNK = 1 << 14
"""Compressed bytes taken at a time; even at a ratio of 1,000 what comes out fits into memory."""


class Damaged(Exception):
    """A compressed file breaks off or holds what it cannot; a disk or network that fails is an ``OSError``."""


def opened(source: Input) -> BinaryIO:
    """Open a file's bytes, decompressed. Reading a damaged one raises ``Damaged`` where the damage begins.

    Raises
    ------
    ArchiveError
        If a library that the URL or the compression needs is not installed.
    """
    if is_url(source.name):
        raw = cast(BinaryIO, fsspec_for(source.name).open(source.name, "rb").open())
    else:
        raw = Path(source.name).open("rb")  # noqa: SIM115, whoever asked closes it
    if source.compression == "gzip":
        return cast(BinaryIO, io.BufferedReader(_Unpacked(_Gzip(raw), raw), 1 << 16))
    if source.compression == "zstd":
        return cast(BinaryIO, io.BufferedReader(_Unpacked(_Zstandard(raw, source.name), raw), 1 << 16))
    return raw


class _Gzip:
    def __init__(self, raw: BinaryIO) -> None:
        self._file = gzip.GzipFile(fileobj=raw)

    def read(self, size: int) -> bytes:
        try:
            return self._file.read1(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise Damaged(str(error)) from None


class _Zstandard:
    """Frame after frame; the library's own reader takes a frame that breaks off for the end."""

    def __init__(self, raw: BinaryIO, name: str) -> None:
        try:
            import zstandard
        except ImportError:
            raise ArchiveError("Zstandard needs a library: pip install 'standfirst[archive]'", where=name) from None
        self._raw = raw
        self._error = zstandard.ZstdError
        self._new = zstandard.ZstdDecompressor().decompressobj
        self._frame: Any = None
        self._left = b""
        self._out = b""

    def read(self, size: int) -> bytes:
        while not self._out:
            packed = self._left or self._raw.read(_CHUNK)
            if not packed:
                if self._frame is not None:
                    raise Damaged("the file breaks off")
                return b""
            self._unpack(packed)
        out, self._out = self._out[:size], self._out[size:]
        return out

    def _unpack(self, packed: bytes) -> None:
        frame = self._frame or self._new()
        try:
            self._out = frame.decompress(packed)
        except self._error as error:
            raise Damaged(str(error)) from None
        self._left = frame.unused_data if frame.eof else b""
        self._frame = None if frame.eof else frame


class _Unpacked(io.RawIOBase):
    def __init__(self, source: "_Gzip | _Zstandard", raw: BinaryIO) -> None:
        self._source = source
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()
