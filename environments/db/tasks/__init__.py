"""Parts of the teacher: domains, filled databases, question forms, gold solutions, perturbations and repairs."""
