"""What tasks and plans are built from: names, facts, pages, questions, gaps in sentences, plans, slips, thoughts."""
