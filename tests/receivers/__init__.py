"""What the readers of exports make of them: each runs in an environment of its own, which `make receivers` builds."""
