"""What tasks and plans are built from: domains, graphs, questions, plans, perturbations, thoughts."""
