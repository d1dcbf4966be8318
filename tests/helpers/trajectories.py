"""Short trajectories written by hand."""

from simenv.types import Action, Grade, Message, Observation, Step, Stop, Timing, Trajectory


def turn(thought, name, value):
    """Text and action of a turn in the ReAct dialect."""
    return f"Thought: {thought}\nAction: {name}\nAction Input: {value}", Action(name=name, arguments={"query": value})


def prose(text):
    """A turn without an action."""
    return text, None


def observation(text="ok", **more):
    return Observation(text=text, **more)


def submission(answer):
    """The observation that ends an episode with this answer."""
    return Observation(text="", stop=Stop.submitted, answer=answer)


UNREAD = observation(
    "no action found; expected a line `Action: <name>` and a line `Action Input: <input>`", invalid=True
)
UNKNOWN = observation("unknown action 'qery'; available: answer, query; did you mean 'query'?", invalid=True)


def trajectory(*turns, id="t-1.0", task="t-1", environment="db", stop=Stop.submitted, success=True, **more):
    """A trajectory of ((text, action), observation) pairs; `more` overrides any other field."""
    messages = [Message(role="system", content="You work."), Message(role="user", content="Count the books.")]
    steps = []
    for (text, action), result in turns:
        messages.append(Message(role="assistant", content=text, author="agent", train=True))
        steps.append(Step(message=len(messages) - 1, action=action, observation=result))
        if result.stop is None:
            messages.append(Message(role="user", content=f"Observation: {result.text}"))
    grade = None if success is None else Grade(success=success, progress=float(success))
    fields = {
        "version": "2", "id": id, "task": task, "environment": environment, "seed": 0, "agent": "react", "dialect": "react",
        "messages": messages, "steps": steps, "stop": stop, "grade": grade,
        "timing": Timing(started="2026-01-01T00:00:00+00:00", seconds=0.1),
    }  # fmt: skip
    return Trajectory.model_validate({**fields, **more})


GOOD = trajectory(
    (turn("I look.", "query", "SELECT 1"), observation("[(1,)]")), (turn("One.", "answer", "1"), submission(["1"]))
)
