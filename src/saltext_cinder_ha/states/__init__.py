"""State modules: gather arguments, call one thing, shape the answer.

Belongs here: the states that an SLS names, with their documentation.
Does not belong here: XML, programs, decisions.
May import: ``adapters``, ``operate`` and below.
"""
