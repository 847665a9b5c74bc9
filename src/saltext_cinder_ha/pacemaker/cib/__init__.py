"""The CIB as a document: its elements, the operation history, drafts and patches.

Belongs here: questions about XML that need no running cluster and no declaration.
Does not belong here: what a user wants (``declaration``), what has to change (``plan``), programs.
May import: the loose modules of ``pacemaker`` and ``common``.
"""
