"""The errors of the OpenStack side; a user can act on each message."""

from __future__ import annotations

from ..common.errors import SaltextError


class OpenStackError(SaltextError):
    """Base class of the errors of the OpenStack side."""


class ConfFileError(OpenStackError):
    """oslo.config would not read the file.

    :param line: number of the line with the mistake, from 1
    """

    def __init__(self, problem: str, line: int):
        self.line = line
        super().__init__(f"line {line}: {problem}")
