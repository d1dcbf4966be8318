"""Parts of the comparison: parsed outputs, guarantees of statements, acceptable rows, states."""
