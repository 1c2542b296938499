"""Every error that Standfirst raises on purpose.

::

    StandfirstError              code              raised when
    |- DocumentError             document_error    a document cannot be read as a live blog
    |  |- EmptyDocument          empty_document    nothing but white space came
    |  |- DocumentTooLarge       too_large         more bytes than the limit came
    |  |- WrongEncoding          wrong_encoding    the bytes are no text in any likely encoding
    |  |- InvalidDocument        invalid_document  the format is known, its syntax is broken
    |  `- NotALiveBlog           not_a_live_blog   well-formed, but holds no updates
    |     `- Withheld            withheld          all that it holds is deleted, a draft, or not to be read yet
    |- InputError                invalid_input     an argument, row or field is wrong
    |- ModelError                model_error       a model folder cannot be used
    |  |- ModelNotFound          model_not_found   the folder or one of its files is missing
    |  `- ModelCorrupt           model_corrupt     a file differs from its manifest
    |- RecipeError               invalid_recipe    a training recipe or label set is wrong
    |- DataError                 invalid_data      training or evaluation data are wrong
    `- ArchiveError              archive_error     an archive job cannot begin, or cannot go on

A message says what came, what was expected and what to do. It never repeats a user's text.
"""

import errno
from typing import ClassVar

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class StandfirstError(Exception):
    """Root of the tree.

    Parameters
    ----------
    message
        One or two sentences for a person.
    where
        The place in the input: a field path (``paragraphs[3].text``) or ``file:line``; may be empty.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class DocumentError(StandfirstError):
    """A document cannot be read as a live blog."""

    code = "document_error"


class EmptyDocument(DocumentError):
    """Nothing but white space came."""

    code = "empty_document"


class DocumentTooLarge(DocumentError):
    """The document has more bytes than the limit."""

    code = "too_large"


class WrongEncoding(DocumentError):
    """The bytes are no text in any likely encoding."""

    code = "wrong_encoding"


class InvalidDocument(DocumentError):
    """The format is known and its syntax is broken."""

    code = "invalid_document"


class NotALiveBlog(DocumentError):
    """The document is well-formed and holds no updates."""

    code = "not_a_live_blog"


class Withheld(NotALiveBlog):
    """All that the document holds is deleted, withheld, embargoed or a draft, and was not read."""

    code = "withheld"


class InputError(StandfirstError):
    """An argument, row or field is wrong."""

    code = "invalid_input"


class ModelError(StandfirstError):
    """A model folder cannot be used."""

    code = "model_error"


class ModelNotFound(ModelError):
    """The folder, or one of its files, is missing."""

    code = "model_not_found"


class ModelCorrupt(ModelError):
    """A file of the model differs from its manifest."""

    code = "model_corrupt"


class RecipeError(StandfirstError):
    """A training recipe or a label set is wrong."""

    code = "invalid_recipe"


class DataError(StandfirstError):
    """Training or evaluation data are wrong."""

    code = "invalid_data"


class ArchiveError(StandfirstError):
    """An archive job cannot begin, or cannot go on."""

    code = "archive_error"


def no_room(error: OSError) -> bool:
    """Whether a file could not be written because the disk, the quota or the file's limit is full."""
    return error.errno in _NO_ROOM
