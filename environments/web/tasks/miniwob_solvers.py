"""Solvers of pages of MiniWoB++: each gives the next move from what is asked and what the page shows."""

from __future__ import annotations

import re
from collections.abc import Callable

from simenv.types import Move

from .miniwob_page import EpisodePage
from .navigation import Unreachable

Solver = Callable[[EpisodePage], Move]


# Clicking.


def click_quoted(page: EpisodePage) -> Move:
    """What is named in quotation marks."""
    return page.press(page.quoted[0])


def click_only(page: EpisodePage) -> Move:
    """The only thing there is."""
    return page.click(page.one(page.elements, "element"))


def click_one(page: EpisodePage) -> Move:
    """Button ONE, and then button TWO, if that is asked for."""
    return page.press("TWO" if page.done and "TWO" in page.said else "ONE")


def click_tab(page: EpisodePage) -> Move:
    """The tab with a number."""
    (number,) = page.asked(r"#(\d+)")
    return page.press(f"Tab #{number}")


def click_widget(page: EpisodePage) -> Move:
    """Any element of a kind."""
    kind = page.quoted[0]
    for e in page.elements:
        tag, type_name = e.node.tag, e.node.attributes.get("type", "")
        if kind in (tag, type_name) or (kind == "text" and tag == "input" and type_name in ("", "text")):
            return page.click(e)
    raise Unreachable(f"there is no {kind}")


def click_colour(page: EpisodePage) -> Move:
    """The box of a colour, which its class or its looks name."""
    colour = page.asked(r"Click on the (\w+) colored")[0]
    return page.click(page.one([e for e in page.elements if colour in e.label.split()], colour))


def click_grid(page: EpisodePage) -> Move:
    """A point of a grid of five by five, its middle being the origin."""
    x, y = (int(n) for n in page.asked(r"\((-?\d+),\s*(-?\d+)\)"))
    points = [e for e in page.elements if e.label.startswith("circle")]
    columns = sorted({page.place(e)[0] for e in points})
    rows = sorted({page.place(e)[1] for e in points}, reverse=True)
    wanted = columns[x + len(columns) // 2], rows[y + len(rows) // 2]
    return page.click(page.one([e for e in points if page.place(e) == wanted], str(wanted)))


def expand(page: EpisodePage) -> Move:
    """The section, and then Submit."""
    return page.press() if page.done else page.click(page.one(page.elements, "section"))


def look_behind(page: EpisodePage) -> Move:
    """A link behind one of several tabs or sections: it is clicked where it shows, else the next one is opened."""
    if shown := [e for e in page.elements if e.label == page.quoted[0]]:
        return page.click(shown[0])
    openers = [e for e in page.elements if re.fullmatch(r"((Tab|Section) )?#?\d+", e.label)]
    return page.click(page.one(openers[page.done % max(1, len(openers)) :], "tab or section"))


def walk_menu(page: EpisodePage) -> Move:
    """One entry after the other of `A>B>C`."""
    path = page.asked(r"Select (.+)")[0].split(">")
    return page.press(path[min(page.done, len(path) - 1)].strip())


def open_folders(page: EpisodePage) -> Move:
    """A file or folder in a tree: it is clicked where it shows, else the next folder is opened."""
    if shown := [e for e in page.elements if e.label == page.quoted[0]]:
        return page.click(shown[0])
    return page.click(page.one([e for e in page.elements if e.label.startswith("hitarea expandable")], "folder"))


def buy_best(page: EpisodePage) -> Move:
    """The ticket with the lowest or highest price, or the shortest or longest time."""
    (wish,) = page.asked(r"(cheapest|most expensive|shortest|longest)")
    books = [e for e in page.elements if e.label.startswith("Book for")]
    values = [int(re.sub(r"\D", "", e.label)) for e in books]
    if wish in ("shortest", "longest"):
        times = [m for e in page.elements if (m := re.fullmatch(r"(\d+)h (\d+)m", e.label))]
        values = [int(m[1]) * 60 + int(m[2]) for m in times]
    best = max(values) if wish in ("most expensive", "longest") else min(values)
    return page.click(books[values.index(best)])


def mark_parity(page: EpisodePage) -> Move:
    """Odd or Even beside each number, then Submit."""
    numbers = [e.number for e in page.elements if re.fullmatch(r"-?\d+", e.label)]
    if page.done >= len(numbers):
        return page.press()
    at = numbers[page.done]
    return page.click(page.elements[at - 1 if int(page.elements[at].label) % 2 else at + 1])


def act_on_mail(page: EpisodePage) -> Move:
    """The trash or the star of the mail of somebody, in the list."""
    sender = page.asked(r"email by (\w+)")[0]
    sign = "trash" if "trash" in page.said else "star"
    if not {"trash", "star"} & set(page.said.split()):
        raise Unreachable("neither the trash nor the star is asked for")
    start = page.find(sender).number
    return page.click(page.one([e for e in page.elements[start:] if e.label.split()[:1] == [sign]], sign))


# Ticking and choosing.


def _listed(page: EpisodePage) -> list[str]:
    listed = page.asked(r"Select (.+?) (?:and click|from)")[0]
    return [] if listed == "nothing" else [name.strip() for name in re.split(r",", listed)]


def tick_boxes(page: EpisodePage) -> Move:
    """The boxes that are listed."""
    return page.tick(_listed(page), "checkbox")


def tick_option(page: EpisodePage) -> Move:
    """The radio button that is named."""
    return page.tick(_listed(page), "radio")


def choose_option(page: EpisodePage) -> Move:
    """One entry of a list, or several."""
    names, box = _listed(page), page.one(page.all("combobox"), "list")
    if page.done >= len(names):
        return page.press()
    return page.thoughts.select(box.number, box.label, names[page.done])


# Typing.


def type_quoted(page: EpisodePage) -> Move:
    """What stands in quotation marks."""
    return page.fill([(page.one(page.all("textbox"), "field"), page.quoted[0])])


def type_in_case(page: EpisodePage) -> Move:
    """What stands in quotation marks, in upper or lower case."""
    text = page.quoted[0].upper() if "upper case" in page.said else page.quoted[0].lower()
    return page.fill([(page.one(page.all("textbox"), "field"), text)])


def type_twice(page: EpisodePage) -> Move:
    """The password into both fields."""
    return page.fill([(box, page.quoted[0]) for box in page.all("textbox")])


def log_in(page: EpisodePage) -> Move:
    """Name and password, then the button; what pops up meanwhile is closed."""
    for e in page.elements:
        if e.label in ("Cancel", "×") or e.label.startswith("Exit"):
            return page.click(e)
    button = page.one(page.all("button"), "button")
    return page.fill(list(zip(page.all("textbox"), page.quoted, strict=False)), lambda: page.click(button))


def type_date(page: EpisodePage) -> Move:
    """A date, as a date field takes it."""
    month, day, year = page.asked(r"(\d+)/(\d+)/(\d{4})")
    return page.fill([(page.one(page.all("textbox"), "field"), f"{year}-{month:0>2}-{day:0>2}")])


def type_time(page: EpisodePage) -> Move:
    """A time of day, as a time field takes it."""
    hour, minute, half = page.asked(r"(\d+):(\d+) ([AP]M)")
    clock = f"{int(hour) % 12 + (12 if half == 'PM' else 0):02}:{minute}"
    return page.fill([(page.one(page.all("textbox"), "field"), clock)])


def copy_text(page: EpisodePage) -> Move:
    """The text of a text area into the field below."""
    areas = [e for e in page.all("textbox") if e.node.tag == "textarea"]
    number = re.search(r"(\d+)(?:st|nd|rd|th) text area", page.said)
    text = str(page.value(areas[int(number[1]) - 1 if number else 0]))
    return page.fill([(page.one([e for e in page.all("textbox") if e not in areas], "field"), text)])


def type_word(page: EpisodePage) -> Move:
    """A word of a paragraph by its number."""
    number = int(page.asked(r"the (\d+)(?:st|nd|rd|th) word")[0])
    text = max((e.label for e in page.elements if e.role == "text"), key=len)
    return page.fill([(page.all("textbox")[0], re.sub(r"[.,]", "", text.split()[number - 1]))])


def type_last_word(page: EpisodePage) -> Move:
    """The last word of a text area."""
    areas = [e for e in page.all("textbox") if e.node.tag == "textarea"]
    field = page.one([e for e in page.all("textbox") if e not in areas], "field")
    return page.fill([(field, str(page.value(areas[0])).split()[-1])])


def type_letters(page: EpisodePage) -> Move:
    """Letters that are drawn one by one."""
    text = "".join(e.label for e in page.elements if e.role == "text")
    return page.fill([(page.all("textbox")[0], text)])


def type_sum(page: EpisodePage) -> Move:
    """The value of `1 + 2 =`."""
    sums = [m for t in page.texts() if (m := re.fullmatch(r"(-?\d+) ([-+x*]) (-?\d+) =", t))]
    left, sign, right = page_match(sums).groups()
    a, b = int(left), int(right)
    return page.fill([(page.all("textbox")[0], str(a + b if sign == "+" else a - b if sign == "-" else a * b))])


def type_unknown(page: EpisodePage) -> Move:
    """The x of `1 + x = 21`, `x - 4 = 3` or `9 - x = 4`."""
    found = [m for t in page.texts() if (m := re.fullmatch(r"(-?\w+) ([-+]) (-?\w+) = (-?\d+)", t))]
    left, sign, right, total = page_match(found).groups()
    result = int(total)
    if left == "x":
        x = result - int(right) if sign == "+" else result + int(right)
    else:
        x = result - int(left) if sign == "+" else int(left) - result
    return page.fill([(page.all("textbox")[0], str(x))])


def page_match(matches: list[re.Match[str]]) -> re.Match[str]:
    """The first match; Unreachable where there is none."""
    if not matches:
        raise Unreachable("the page does not show what this solver looks for")
    return matches[0]


def count_blocks(page: EpisodePage) -> Move:
    """The number of blocks on both sides."""
    blocks = [e for e in page.elements if "block" in e.label.split()]
    return page.fill([(page.all("textbox")[0], str(len(blocks)))])


def read_cells(page: EpisodePage) -> Move:
    """The values that stand beside names in a table, into the fields of those names."""
    texts = page.texts()
    boxes = page.all("textbox")
    beside = [texts[box.number - 1].rstrip(":") for box in boxes]
    names = beside if len(boxes) > 1 else page.asked(r"value of (.+?) into")
    return page.fill([(box, texts[texts.index(name) + 1]) for box, name in zip(boxes, names, strict=True)])


def spin(page: EpisodePage) -> Move:
    """Up or down until the number is there; it cannot be typed."""
    wanted, value = (
        int(page.asked(r"Select (-?\d+) with")[0]),
        int(page.value(page.one(page.all("textbox"), "spinner"))),
    )
    if value == wanted:
        return page.press()
    way = "up" if value < wanted else "down"
    return page.click(page.one([e for e in page.elements if f"spinner {way}" in e.label], way))


def radio_and_text(page: EpisodePage) -> Move:
    """A radio button by its number, and a number into one of the fields."""
    which, text, where = page.asked(r"the (\d)\w\w radio button and enter the number \"(.+?)\" into the (\d)")
    radio = page.all("radio")[int(which) - 1]
    if not page.value(radio):
        return page.click(radio)
    return page.fill([(page.all("textbox")[int(where) - 1], text)])


def focus(page: EpisodePage) -> Move:
    """A field by its number, or the only one."""
    number = re.search(r"the (\d)", page.said)
    return page.click(page.all("textbox")[int(number[1]) - 1 if number else 0])


def film(page: EpisodePage) -> Move:
    """Genre, director and year of a film into fields in any order."""
    genre, director, year = page.asked(r"for (\w+) movies directed by (\w+) from year (\d+)")
    words = {"genre": genre, "director": director, "date": year, "year": year}
    values = []
    for box in page.all("textbox"):
        beside = page.elements[box.number + (1 if page.elements[0].role == "textbox" else -1)]
        name = f"{beside.label} {box.label}".casefold()
        values.append((box, next((v for k, v in words.items() if k in name), "")))
    return page.fill(values, lambda: page.click(page.all("button")[-1]))


def search_and_open(page: EpisodePage) -> Move:
    """A search, and then its result of a number, some pages on."""
    number = int(page.asked(r"the (\d+)(?:st|nd|rd|th) search result")[0])
    if not page.done or page.value(page.all("textbox")[0]) != page.quoted[0]:
        return page.fill([(page.all("textbox")[0], page.quoted[0])])
    results = [e for e in page.elements if "search-title" in e.node.attributes.get("class", "")]
    links = results or [e for e in page.all("link") if not re.fullmatch(r"[\d<>«»‹›]+", e.label.strip())]
    if not links:
        return page.press("Search")
    pages_on = (number - 1) // 3
    if page.done - 2 < pages_on:
        return page.click(page.one([e for e in page.elements if e.label.strip() in (">", "›")], "next page"))
    return page.click(links[(number - 1) % 3])


SOLVERS: dict[str, Solver] = {
    "buy-ticket": buy_best,
    "choose-list": choose_option,
    "click-button": click_quoted,
    "click-button-sequence": click_one,
    "click-checkboxes": tick_boxes,
    "click-checkboxes-large": tick_boxes,
    "click-checkboxes-transfer": tick_boxes,
    "click-collapsible": expand,
    "click-collapsible-nodelay": expand,
    "click-collapsible-2": look_behind,
    "click-collapsible-2-nodelay": look_behind,
    "click-color": click_colour,
    "click-dialog": lambda page: page.press("Close"),
    "click-dialog-2": lambda page: page.press("Close" if page.quoted[0] == "x" else page.quoted[0]),
    "click-link": click_quoted,
    "click-menu": walk_menu,
    "click-option": tick_option,
    "click-scroll-list": choose_option,
    "click-tab": click_tab,
    "click-tab-2": look_behind,
    "click-tab-2-easy": look_behind,
    "click-tab-2-hard": look_behind,
    "click-tab-2-medium": look_behind,
    "click-test": click_only,
    "click-test-2": click_one,
    "click-test-transfer": click_one,
    "click-widget": click_widget,
    "copy-paste": copy_text,
    "copy-paste-2": copy_text,
    "email-inbox-delete": act_on_mail,
    "email-inbox-important": act_on_mail,
    "enter-date": type_date,
    "enter-password": type_twice,
    "enter-text": type_quoted,
    "enter-text-2": type_in_case,
    "enter-text-dynamic": type_quoted,
    "enter-time": type_time,
    "find-word": type_word,
    "focus-text": focus,
    "focus-text-2": focus,
    "form-sequence-2": radio_and_text,
    "grid-coordinate": click_grid,
    "login-user": log_in,
    "login-user-popup": log_in,
    "multi-layouts": film,
    "multi-orderings": film,
    "navigate-tree": open_folders,
    "odd-or-even": mark_parity,
    "read-table": read_cells,
    "read-table-2": read_cells,
    "scroll-text": type_last_word,
    "search-engine": search_and_open,
    "simple-algebra": type_unknown,
    "simple-arithmetic": type_sum,
    "text-transform": type_letters,
    "unicode-test": click_quoted,
    "use-spinner": spin,
    "visual-addition": count_blocks,
}
