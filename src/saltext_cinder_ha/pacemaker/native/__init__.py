"""pcs and crmsh, the operators' own tools: their text in, their words out.

Belongs here: how native text becomes a declaration, and a change native text.
Does not belong here: carrying out everyday verbs (``verbs``).
May import: ``export`` and below; nothing of ``transaction``.
"""
