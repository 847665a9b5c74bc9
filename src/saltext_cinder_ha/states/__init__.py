"""State modules: collect the arguments, call one function, shape the result.

Belongs here: the states that SLS files use, with their documentation.
Does not belong here: XML, programs, decisions.
May import: ``adapters``, ``operate`` and below.
"""
