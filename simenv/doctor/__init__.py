"""The command that tells what this host gives to contain agents."""
