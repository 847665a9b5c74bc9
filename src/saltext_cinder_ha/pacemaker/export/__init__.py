"""Export live objects as a declaration, with remarks on parts that it cannot express.

Belongs here: the conversion from XML to a declaration.
Does not belong here: comparison (``plan``) and writing.
May import: ``plan``, ``declaration``, ``cib``, ``rules`` and below; nothing of ``store``.
"""

from .document import Export, export

__all__ = ["Export", "export"]
