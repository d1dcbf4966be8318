"""Environments for others: over AgentBench's HTTP protocol (`agentbench`), and as tools over MCP (`mcp`)."""
