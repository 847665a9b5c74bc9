"""Between Salt and the pure packages: from dunders to sites and clusters, from results to Salt's own.

Belongs here: what several loaded modules share and what has to import Salt.
Does not belong here: decisions. A function that does not need Salt lives further down.
May import: ``salt`` and every package below; nothing of ``operate``.
"""
