"""Translate between Salt and the other packages: dunders to sites and clusters, results to Salt's.

Belongs here: what several loaded modules share and has to import Salt.
Does not belong here: decisions. A function that does not need Salt belongs in a lower package.
May import: ``salt`` and every package below; nothing of ``operate``.
"""
