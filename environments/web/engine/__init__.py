"""Sites, tabs, browsers, observations and goals."""
