"""What operators run by hand: status now; preflight, drills, repairs and backups to come.

Belongs here: queries about a running site, and repairs that an operator starts.
Does not belong here: what a state applies (``deploy``), and anything specific to Salt.
May import: everything below; nothing of ``adapters``.
"""
