"""Live objects as a declaration, and what of them no declaration can express."""

from .document import Export, export

__all__ = ["Export", "export"]
