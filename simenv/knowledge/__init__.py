"""Private knowledge: topics, documents and data sets merged into a pool in which every item leads back to its source."""
