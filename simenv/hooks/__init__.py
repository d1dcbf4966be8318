"""The hooks that simenv brings, one a file; `hooks: [resample]` in a config names them."""
