"""Writes the files of a new plugin: the smallest one that is complete, and passes `simenv conform` as it is."""
