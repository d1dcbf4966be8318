"""The words behind `simenv`."""

COMMANDS = {
    "rollout": "agents act in environments; graded trajectories",
    "curate": "runs become a training set: filters, gold, general chat",
    "export": "a set in the form that a trainer reads",
    "tiny": "a tiny base model, made on the spot, for the loop offline",
    "finetune": "trains a model on a set",
    "rl": "trains a model in worlds, by TRL's GRPO",
    "evaluate": "measures an agent on tasks that are held out",
    "sweep": "which data helped: a grid over all of these",
    "view": "looks, judges, edits, branches, curates in a browser",
    "teach": "a model writes worlds and tasks, each proven",
    "instruct": "dialogues about the passages of a pool",
    "knowledge": "pools of documents, topics and data sets",
    "verify": "claims of a run or a set against a pool",
    "comparison": "styles of generation, compared in pairs",
    "fidelity": "how true a simulator is to its environment",
    "serve": "environments for AgentBench's and OpenEnv's clients, or as MCP tools",
    "package": "an environment as OpenEnv, verifiers or Inspect want it",
    "new": "the files of a new environment, agent, filter or hook",
    "conform": "whether plugins keep their contracts",
    "list": "what there is: environments, agents, filters, models …",
    "doctor": "what is missing here, what that prevents, how to get it",
    "completion": "completion of commands and options for your shell",
}
"""The commands with what each does; one is the function of its name in `simenv.NAME.cli`."""
