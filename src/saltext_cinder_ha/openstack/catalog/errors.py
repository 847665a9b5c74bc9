"""The errors about Keystone, one class per meaning; each message is one sentence."""

from __future__ import annotations

from ..errors import OpenStackError


class CatalogError(OpenStackError):
    """The catalog cannot be read or changed."""


class SdkMissingError(CatalogError):
    """openstacksdk is not installed."""


class CredentialsError(CatalogError):
    """The credentials are incomplete, or name something that does not exist."""


class RefusedError(CatalogError):
    """Keystone refused the request, and a retry would not help."""


class UnavailableError(CatalogError):
    """Keystone did not carry out the request, but a retry may help.

    :param retry_after: seconds that Keystone asked to wait, None if it did not
    """

    def __init__(self, sentence: str, retry_after: float | None = None):
        self.retry_after = retry_after
        super().__init__(sentence)


class GoneError(UnavailableError):
    """Someone else has just removed the row."""
