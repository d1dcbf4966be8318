"""Verification: the claims of a chat are compared with the user's own sources."""
