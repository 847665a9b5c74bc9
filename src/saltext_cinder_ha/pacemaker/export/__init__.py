"""Live objects as a declaration, and remarks on what no declaration can express.

Belongs here: the way back from XML to what a user would have declared.
Does not belong here: comparing (``plan``) and writing.
May import: ``plan``, ``declaration``, ``cib``, ``rules`` and below; nothing of ``store``.
"""

from .document import Export, export

__all__ = ["Export", "export"]
