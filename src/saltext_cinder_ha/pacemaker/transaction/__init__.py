"""Apply a declaration to the cluster: plan, predict, allow, write, settle, verify, summarize.

Belongs here: the order of these steps, and the summary of the result.
Does not belong here: the implementation of each step; single verbs.
May import: ``store`` and below; nothing of ``native``.
"""
