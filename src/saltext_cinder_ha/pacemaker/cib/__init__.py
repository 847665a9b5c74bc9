"""The CIB as a document: its elements, its history of operations, drafts and patches of it.

Belongs here: questions about XML that need no running cluster and no declaration.
Does not belong here: what a user wants (``declaration``), what has to change (``plan``), programs.
May import: the loose modules of ``pacemaker`` and ``common``.
"""
