"""Run folders: written line by line, indexed, reviewed and edited."""
