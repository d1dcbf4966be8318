"""A client of AgentBench's HTTP protocol as its own assigner is one, written from the protocol and not from the server."""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from functools import partial

STATUSES = {
    "running",
    "completed",
    "agent context limit",
    "agent validation failed",
    "agent invalid action",
    "task limit reached",
    "unknown",
    "task error",
}


class RequestFailed(Exception):
    """The server answered with another status than 200."""

    def __init__(self, status, text):
        super().__init__(status, text)
        self.status, self.text = status, text


@dataclass
class Outcome:
    """A sample as runs.jsonl or error.jsonl would hold it."""

    index: int
    error: str = ""
    output: dict = field(default_factory=dict)


class ContextLimit(Exception):
    """Raised by an agent whose model takes no more."""


class Client:
    def __init__(self, address):
        self.address = address

    def ask(self, path, body=None, raw=None, **query):
        """JSON of one request; `raw` is sent as it is."""
        url = f"{self.address}/{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(url, data, {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as e:
            raise RequestFailed(e.code, e.read().decode()) from e

    def indices(self, task):
        return self.ask("get_indices", name=task)

    def places(self, task):
        """Free slots of all live workers."""
        workers = self.ask("list_workers")[task]["workers"].values()
        return sum(w["capacity"] - w["current"] for w in workers if w["status"] == 0)

    def start(self, task, index):
        return checked(self.ask("start_sample", {"name": task, "index": index}))

    def say(self, session, content, status="normal"):
        response = {"status": status, "content": content}
        return checked(self.ask("interact", {"session_id": session, "agent_response": response}))

    def cancel(self, session):
        return self.ask("cancel", {"session_id": session})

    def sample(self, task, index, agent):
        """Play one sample; `agent(history)` gives the text of a reply."""
        try:
            response = self.start(task, index)
        except RequestFailed as e:
            return Outcome(index, "NOT_AVAILABLE" if e.status == 406 else "START_FAILED", {"info": e.text})
        session = response["session_id"]
        while response["output"]["status"] == "running":
            try:
                reply = (agent(response["output"]["history"]), "normal")
            except ContextLimit:
                reply = (None, "agent context limit")
            try:
                response = self.say(session, *reply)
            except RequestFailed as e:
                return Outcome(index, "INTERACT_FAILED", {"info": e.text})
        return Outcome(index, output=response["output"])

    def run(self, task, agent, indices=None, at_once=None):
        """All samples, as many at once as there are places or as asked: outcomes by index, and overall.json."""
        waiting = list(self.indices(task) if indices is None else indices)
        outcomes, lock = {}, threading.Lock()

        def work():
            while True:
                with lock:
                    if not waiting:
                        return
                    index = waiting.pop(0)
                outcome = self.sample(task, index, partial(agent, index))
                with lock:
                    if outcome.error == "NOT_AVAILABLE":
                        waiting.append(index)
                    else:
                        outcomes[index] = outcome

        threads = [threading.Thread(target=work) for _ in range(min(at_once or self.places(task), len(waiting)))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes, self.overall(task, [o.output for o in outcomes.values() if not o.error])

    def overall(self, task, outputs):
        """What overall.json holds."""
        lengths = [len(o["history"]) for o in outputs]
        validation = {s: sum(o["status"] == s for o in outputs) / len(outputs) for s in STATUSES}
        validation["average_history_length"] = sum(lengths) / len(lengths)
        custom = self.ask("calculate_overall", {"name": task, "results": outputs})
        return {"total": len(outputs), "validation": validation, "custom": custom}


def checked(response):
    """The shape that every answer to start_sample and interact has."""
    assert set(response) == {"session_id", "output"} and type(response["session_id"]) is int
    assert set(response["output"]) == {"index", "status", "result", "history"}
    assert response["output"]["status"] in STATUSES
    assert all(set(item) == {"role", "content"} for item in response["output"]["history"])
    assert all(item["role"] in ("user", "agent") for item in response["output"]["history"])
    return response
