"""Environments for others: over AgentBench's HTTP protocol (`agentbench`), OpenEnv's (`openenv`), and as tools over MCP (`mcp`)."""
