"""What can go wrong with OpenStack's side; the message of each is a sentence that a user can act on."""

from __future__ import annotations

from ..common.errors import SaltextError


class OpenStackError(SaltextError):
    """Root of the errors that only OpenStack's side can cause."""


class ConfFileError(OpenStackError):
    """oslo.config would refuse to read the file.

    :param line: number of the line at fault, from 1
    """

    def __init__(self, problem: str, line: int):
        self.line = line
        super().__init__(f"line {line}: {problem}")
