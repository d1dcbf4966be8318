"""Curation: filters, gold and general chat turn runs into a training set."""
