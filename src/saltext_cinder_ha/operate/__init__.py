"""What people call by hand: status now; preflight, drills, repairs and backups to come.

Belongs here: questions about a running site, and repairs that an operator orders.
Does not belong here: what a state applies (``deploy``), and anything of Salt.
May import: everything below; nothing of ``adapters``.
"""
