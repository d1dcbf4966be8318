"""A model server that plays the gold solution of whichever task the chat is about, and fails some on purpose."""

import json
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from simenv.package.tasks import Shelf
from tests.serve.conftest import running


class GoldSpeaker:
    """Every `fails`-th of the first tasks gets a refusal instead of its solution."""

    def __init__(self, environment, dialect, number, fails=0):
        self.shelf = Shelf(environment, dialect)
        self.tasks = [self.shelf.task(n) for n in range(number)]
        self.fails = fails

    @property
    def solved(self):
        """The ids of the tasks that it solves."""
        return {t.id for n, t in enumerate(self.tasks) if not self._fails(n)}

    def _fails(self, number):
        return bool(self.fails) and number % self.fails == 0

    def say(self, messages):
        chat = "\n".join(str(m.get("content")) for m in messages if m["role"] == "user")
        known = [n for n, task in enumerate(self.tasks) if task.instruction in chat]
        number = max(known, key=lambda n: len(self.tasks[n].instruction))
        turn = sum(m["role"] == "assistant" for m in messages)
        if self._fails(number):
            return "I would rather not."
        solution = self.tasks[number].solution
        return self.shelf.runtime.dialect.render(solution[min(turn, len(solution) - 1)], turn).text


@contextmanager
def speaking(model):
    """The address of OpenAI's chat completions, streamed where a client asks for it."""

    async def complete(request):
        body = await request.json()
        text = model.say(body["messages"])
        about = {"id": "x", "created": 1, "model": body["model"]}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        if not body.get("stream"):
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return JSONResponse(about | {"object": "chat.completion", "choices": [choice], "usage": usage})
        said = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": None}
        end = {"index": 0, "delta": {}, "finish_reason": "stop"}
        kind = about | {"object": "chat.completion.chunk"}
        parts = [kind | {"choices": [said]}, kind | {"choices": [end]}, kind | {"choices": [], "usage": usage}]
        lines = [f"data: {json.dumps(p)}\n\n" for p in parts] + ["data: [DONE]\n\n"]
        return StreamingResponse(iter(lines), media_type="text/event-stream")

    with running(Starlette(routes=[Route("/v1/chat/completions", complete, methods=["POST"])])) as port:
        yield f"http://127.0.0.1:{port}/v1"
