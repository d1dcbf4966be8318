"""Environments for others: AgentBench's HTTP protocol (`agentbench`), OpenEnv's (`openenv`), and tools over MCP (`mcp`)."""
