"""The engine: pure Python and lxml, no Salt and no OpenStack."""
