"""The backup driver."""

from __future__ import annotations

from ....site import PILLAR_KEY
from ..drivers import backup_driver
from .model import DEFAULT, Options, Target, option, passed_through


def backup_options(target: Target) -> Options:
    """Yield the backup driver, if the pillar names one, and its options."""
    backup = target.site.backup
    if backup.driver is not None:
        driver = backup_driver(backup.driver, target.release, f"{PILLAR_KEY}.backup.driver")
        yield option(DEFAULT, "backup_driver", driver, "backup.driver")
    yield from passed_through(DEFAULT, backup.options, "backup.options")
