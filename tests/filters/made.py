"""Short episodes written out by hand."""

from simenv.types import Action, Grade, Message, Observation, Step, Stop, Timing, Trajectory


def say(thought, name, value):
    return f"Thought: {thought}\nAction: {name}\nAction Input: {value}", Action(name=name, arguments={"query": value})


def babble(text):
    return text, None


def seen(text="ok", **more):
    return Observation(text=text, **more)


def answered(answer):
    return Observation(text="", stop=Stop.submitted, answer=answer)


UNREAD = seen("no action found; expected a line `Action: <name>` and a line `Action Input: <input>`", invalid=True)
UNKNOWN = seen("unknown action 'qery'; available: answer, query; did you mean 'query'?", invalid=True)


def episode(*turns, id="t-1.0", task="t-1", environment="db", stop=Stop.submitted, success=True, **more):
    """An episode of turns ((text, action), observation), in ReAct text."""
    messages = [Message(role="system", content="You work."), Message(role="user", content="Count the books.")]
    steps = []
    for (text, action), observation in turns:
        messages.append(Message(role="assistant", content=text, author="agent", train=True))
        steps.append(Step(message=len(messages) - 1, action=action, observation=observation))
        if observation.stop is None:
            messages.append(Message(role="user", content=f"Observation: {observation.text}"))
    grade = None if success is None else Grade(success=success, progress=float(success))
    fields = {
        "version": "2", "id": id, "task": task, "environment": environment, "seed": 0, "agent": "react", "dialect": "react",
        "messages": messages, "steps": steps, "stop": stop, "grade": grade,
        "timing": Timing(started="2026-01-01T00:00:00+00:00", seconds=0.1),
    }  # fmt: skip
    return Trajectory.model_validate({**fields, **more})


GOOD = episode((say("I look.", "query", "SELECT 1"), seen("[(1,)]")), (say("One.", "answer", "1"), answered(["1"])))
