"""Sweeps: a grid over any settings, run as stages; cells that share a stage share its run.

A stage is one call of rollout, tiny, curate, finetune or evaluate with its settings. `$name` in them stands for the folder
that the stage of that name makes. The key of a stage is a hash of its settings, the keys of its inputs, and the code: what
exists under a key is used again, or continued if it is unfinished.
"""
