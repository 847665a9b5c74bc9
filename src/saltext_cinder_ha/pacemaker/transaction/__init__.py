"""One declaration's way into the cluster: plan, predict, allow, write, settle, verify, summarize.

Belongs here: the order of these steps, and what is said about them.
Does not belong here: how each step works; single verbs.
May import: ``store`` and below; nothing of ``native``.
"""
