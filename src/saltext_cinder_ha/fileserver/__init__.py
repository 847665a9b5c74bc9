"""The fileserver backend that serves the formula of this package."""
