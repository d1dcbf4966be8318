"""A role in a room: it rates what it hears, remembers what matters, compresses what it remembers, has an idea, and speaks."""

from __future__ import annotations

import re

from simenv.instruct.scene import HERE, Talk, Utterance
from simenv.instruct.speakers import Speaker, spoken
from simenv.model import Model
from simenv.prompts import fenced, render
from simenv.types import Message

AGAIN = 2
"""How often a rating is asked for again."""
NOTE_WORDS = 150
_RATING = re.compile(r"\D*([1-5])(?:\s*(?:/|out of|of)\s*5)?\D*", re.IGNORECASE)
_IDEA = (
    "What will you contribute next that was not said yet? Answer with one idea, in one or two sentences, "
    "and do not speak to the others yet."
)
_SPEAK = (
    "It is your turn. Say to the others what you have to contribute, in at most two short paragraphs: answer what you "
    "were asked, take up one remark of the others, and add your own point. No name in front."
)


def rating(text: str) -> int | None:
    """The rating that a reply gives, None where it gives none or several."""
    found = _RATING.fullmatch(text)
    return int(found[1]) if found else None


class Mind(Speaker):
    """A model that plays a role in a room. It remembers its own remarks, and others' that it
    rates `keep` or higher; more than `size` of them it notes down."""

    def __init__(self, seat: int, model: Model, size: int, keep: int) -> None:
        super().__init__(seat)
        self._model, self._size, self._keep = model, size, keep
        self.memory: list[str] = []
        self.compressed = ""
        self._heard = 0

    async def say(self, talk: Talk) -> Utterance:
        latest = await self._observe(talk)
        if len(self.memory) > self._size:
            await self._compress(talk)
        idea = (await talk.ask(self._model, self._prompt(talk, latest, "", _IDEA))).text.strip()
        sent = self._prompt(talk, latest, idea, _SPEAK)
        reply = await talk.ask(self._model, sent)
        text = spoken(reply.text, talk.scene.roles[self.seat].name)
        self.memory.append(f"You: {text}")
        return Utterance(seat=self.seat, text=text, reply=reply, sent=sent)

    async def _observe(self, talk: Talk) -> str:
        """Rate what the others said since, and remember what matters; all of it comes back."""
        new = [talk.spoken(said) for said in talk.said[self._heard :] if said.seat != self.seat]
        self._heard = len(talk.said)
        for remark in new:
            if await self._rate(talk, remark) >= self._keep:
                talk.count("kept")
                self.memory.append(remark)
        return "\n\n".join(new)

    async def _rate(self, talk: Talk, remark: str) -> int:
        """1 to 5; 0 where no rating could be read, however often it was asked for."""
        talk.count("rated")
        messages = [self._system(talk), _user(render(HERE / "rate.j2", remark=fenced(remark)))]
        for _ in range(AGAIN + 1):
            reply = await talk.ask(self._model, messages)
            if (value := rating(reply.text)) is not None:
                return value
            again = _user(render(HERE / "rate_again.j2"))
            messages += [Message(role="assistant", content=reply.text, reasoning=reply.reasoning), again]
        talk.count("unread")
        return 0

    async def _compress(self, talk: Talk) -> None:
        prompt = render(
            HERE / "compress.j2", compressed=fenced(self.compressed), memory=self._remembered, words=NOTE_WORDS
        )
        self.compressed = (await talk.ask(self._model, [self._system(talk), _user(prompt)])).text.strip()
        self.memory.clear()
        talk.count("compressed")

    def _prompt(self, talk: Talk, latest: str, idea: str, task: str) -> tuple[Message, ...]:
        known = [remark for remark in self.memory if remark not in latest]
        text = render(
            HERE / "turn.j2",
            compressed=fenced(self.compressed),
            memory=fenced("\n\n".join(known)),
            latest=fenced(latest),
            idea=fenced(idea),
            task=task,
        )
        return self._system(talk), _user(text)

    @property
    def _remembered(self) -> str:
        return fenced("\n\n".join(self.memory))

    def _system(self, talk: Talk) -> Message:
        scene, seat = talk.scene, self.seat
        others = [role.name for place, role in enumerate(scene.roles) if place != seat]
        content = render(
            HERE / "room.j2", role=scene.roles[seat], others=others, topic=scene.topic, ground=scene.ground
        )
        return Message(role="system", content=content)


def _user(text: str) -> Message:
    return Message(role="user", content=text)
