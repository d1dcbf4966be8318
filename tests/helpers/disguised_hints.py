"""Hints with the answer or the action in them, disguised in every way somebody is likely to think of; and hints without."""

import base64
import codecs

from simenv.hooks.leaks.numerals import _SMALL as SMALL
from simenv.hooks.leaks.numerals import _TENS as TENS
from simenv.hooks.leaks.readings import _CODE as MORSE
from simenv.hooks.leaks.readings import _PHONETIC as PHONETIC

CARRIERS = (
    "The answer is {}.",
    "Try {} and see.",
    "{}",
    "Think of {} before you go on.",
    "I would not say it, but: {}",
)


def number_words(n):
    """42 as forty-two; up to 999,999."""
    if n >= 1000:
        rest = n % 1000
        return number_words(n // 1000) + " thousand" + (f" {number_words(rest)}" if rest else "")
    if n >= 100:
        rest = n % 100
        return SMALL[n // 100] + " hundred" + (f" and {number_words(rest)}" if rest else "")
    if n >= 20:
        return TENS[n // 10 - 2] + (f"-{SMALL[n % 10]}" if n % 10 else "")
    return SMALL[n]


def morse(text):
    codes = dict(zip("abcdefghijklmnopqrstuvwxyz0123456789", MORSE.split(), strict=True))
    return " / ".join(" ".join(codes[c] for c in word if c in codes) for word in text.lower().split())


def phonetic(text):
    names = {letter: word for word, letter in PHONETIC.items()}
    return " ".join(names.get(c, c) for c in text.lower() if c.isalnum())


DISGUISES = {
    "plain": str,
    "quoted": lambda s: f"“{s}”",
    "upper case": str.upper,
    "spelled": lambda s: "-".join(s),
    "spelled with commas": lambda s: ", ".join(c for c in s if c != " "),
    "spaced": lambda s: " ".join(s),
    "split": lambda s: f"{s[: len(s) // 2]} {s[len(s) // 2 :]}",
    "zero width": lambda s: "\u200b".join(s),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 of a sentence": lambda s: base64.b64encode(f"the answer is {s}".encode()).decode(),
    "hexadecimal": lambda s: s.encode().hex(),
    "hexadecimal with spaces": lambda s: s.encode().hex(" "),
    "backwards": lambda s: s[::-1],
    "rot13": lambda s: codecs.encode(s, "rot13"),
    "character codes": lambda s: " ".join(str(ord(c)) for c in s),
    "binary": lambda s: " ".join(f"{ord(c):08b}" for c in s),
    "Morse": morse,
    "phonetic": phonetic,
    "full width": lambda s: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in s),
    "look-alikes": lambda s: s.translate(str.maketrans("aeocpx", "аеосрх")),
    "percent": lambda s: "".join(f"%{ord(c):02X}" for c in s),
    "entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "base64 backwards": lambda s: base64.b64encode(s[::-1].encode()).decode(),
}
NUMBERS = {"number words": lambda s: number_words(int(s)), "digit words": lambda s: " ".join(SMALL[int(c)] for c in s)}
BEYOND = {
    "pig Latin": lambda s: " ".join(f"{w[1:]}{w[0]}ay" for w in s.lower().split()),
    "sum": lambda s: f"{int(s) - 1} and one more" if s.isdigit() else f"{s[:2]}…{s[2:4]}",
    "every other letter": lambda s: "x".join(s),
    "xor": lambda s: bytes(c ^ 7 for c in s.encode()).hex(),
}
"""Ways that the check is not made for; their rate is reported apart."""

GOOD = (
    "Read the task once more and note every condition it names.",
    "Before you answer, make sure that you have seen what you are going to say.",
    "Your last step did not bring you nearer; think about what is still missing.",
    "Look at how the columns are called before you write the statement.",
    "Compare the condition in your query with the one in the task.",
    "What you hold is not what is asked for.",
    "Search in the likely places first, and do not go back to those you have seen.",
    "An appliance may be needed before the thing can be put down.",
    "List what leads on from where you are before you choose.",
    "Mind the direction of the relation.",
    "You are counting too much: some of it does not meet the condition.",
    "Fill in all fields of the form before you send it.",
    "Check that what you typed is exactly what the task says.",
    "The page may go on further down.",
    "Keep to the format described at the beginning.",
    "A file may be hidden, and folders may lie in folders.",
    "See whether the command printed an error.",
    "The order of the values matters.",
    "Do not end the task yet.",
    "Everything you need has been seen already; put it together.",
)
