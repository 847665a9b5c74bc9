"""What can go wrong with Keystone, one class per meaning; the message of each is one sentence."""

from __future__ import annotations

from ..errors import OpenStackError


class CatalogError(OpenStackError):
    """The catalog cannot be read or changed."""


class SdkMissingError(CatalogError):
    """openstacksdk is not installed."""


class CredentialsError(CatalogError):
    """The credentials are incomplete, or name something that is not there."""


class RefusedError(CatalogError):
    """Keystone answered, and to ask again would not help."""


class UnavailableError(CatalogError):
    """Keystone did not do it this time; it is worth another look.

    :param retry_after: seconds that Keystone asked to wait, None where it did not
    """

    def __init__(self, sentence: str, retry_after: float | None = None):
        self.retry_after = retry_after
        super().__init__(sentence)


class GoneError(UnavailableError):
    """Somebody else has just removed the row."""
