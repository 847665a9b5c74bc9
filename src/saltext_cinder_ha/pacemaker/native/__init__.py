"""Native text of pcs and crmsh as input and output.

Belongs here: compiling native text into a declaration, and showing a change as native text.
Does not belong here: executing everyday verbs (``verbs``).
May import: ``export`` and below; nothing of ``transaction``.
"""
