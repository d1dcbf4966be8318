"""The web searches that can be asked, each through its provider's own client: a query in, pages out, faults by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from simenv.errors import ConfigError, WorldError


class WebPage(NamedTuple):
    """One result: its address, its title, and what the provider says of it, the telling words first."""

    address: str
    title: str
    text: str


class Connection(Protocol):
    """The options that a client is made from."""

    api_key_env: str | None
    base_url: str | None
    timeout: float


Ask = Callable[[str, int], list[WebPage]]


def key(variable: str, base_url: str | None) -> str:
    """The key of a variable; ConfigError where there is none and the provider's own servers want one."""
    value = os.environ.get(variable, "").strip()
    if not value and base_url is None:
        raise ConfigError(f"search: no key: set the environment variable {variable}, or web.mode=replay")
    return value or "none"


def blot(text: str, secret: str) -> str:
    """A server's text with the key blotted out, should it quote it."""
    return text.replace(secret, "[key]")


def _refused(provider: str, status: int, said: str) -> WorldError:
    """What a status means, in words."""
    if status in (401, 403):
        return WorldError(f"search: {provider} refused the key: {said:.300}")
    if status in (429, 432, 433):
        return WorldError(f"search: {provider}: the quota of the account is spent: {said:.300}")
    return WorldError(f"search: {provider} answered with status {status}: {said:.300}")


# SerpAPI.


def serpapi(options: Connection) -> Ask:
    """Google by SerpAPI, through `serpapi`."""
    try:
        from serpapi import Client, HTTPConnectionError, HTTPError
        from serpapi import TimeoutError as OutOfTime
    except ImportError as e:
        raise ConfigError("search: web.provider=serpapi needs a package: pip install 'simenv[search-web]'") from e
    secret = key(options.api_key_env or "SERPAPI_API_KEY", options.base_url)
    client = Client(api_key=secret, timeout=options.timeout)
    if options.base_url:
        client.BASE_DOMAIN = options.base_url.rstrip("/")

    def ask(query: str, limit: int) -> list[WebPage]:
        try:
            answer = client.search(engine="google", q=query, num=limit)
        except OutOfTime as e:
            raise WorldError(f"search: serpapi gave no answer within {options.timeout:g} seconds") from e
        except HTTPConnectionError as e:
            raise WorldError(f"search: serpapi cannot be reached: {blot(str(e), secret):.300}") from e
        except HTTPError as e:
            raise _refused("serpapi", e.status_code, blot(str(e.error or ""), secret)) from None
        except ValueError as e:
            raise WorldError(f"search: serpapi answered what is no JSON: {blot(str(e), secret):.200}") from e
        except (AttributeError, TypeError) as e:  # the client takes the answer for an object
            raise WorldError("search: serpapi: expected an object as the answer") from e
        return _google(answer.as_dict() if hasattr(answer, "as_dict") else answer)

    return ask


def _google(answer: Any) -> list[WebPage]:
    """The pages of Google's answer: its answer box, then what its knowledge graph says, then the results in their order."""
    if not isinstance(answer, dict):
        raise WorldError("search: serpapi: expected an object as the answer")
    error = str(answer.get("error") or "")
    if error and "any results" not in error:
        raise WorldError(f"search: serpapi: {error:.300}")
    results = [r for r in _list(answer.get("organic_results")) if isinstance(r, dict)]
    boxes = [b for name in ("answer_box", "knowledge_graph") if isinstance(b := answer.get(name), dict)]
    return [page for item in (*boxes, *results) if (page := _google_page(item)).text]


def _google_page(item: dict[str, Any]) -> WebPage:
    """One item: an answer if there is one, the highlighted words, and the snippet last."""
    answer = _text(item.get("answer")) or _text(item.get("result"))
    words = ", ".join(_list(item.get("snippet_highlighted_words")) or _list(item.get("highlighted_words")))
    snippet = _text(item.get("snippet")) or _text(item.get("description"))
    parts = [part for part in (answer, words, snippet) if part]
    return WebPage(_text(item.get("link")), _text(item.get("title")), "\n".join(dict.fromkeys(parts)))


# Tavily.


def tavily(options: Connection) -> Ask:
    """Tavily, through `tavily-python`."""
    try:
        from requests import RequestException
        from tavily import TavilyClient, errors
    except ImportError as e:
        raise ConfigError("search: web.provider=tavily needs a package: pip install 'simenv[search-web]'") from e
    secret = key(options.api_key_env or "TAVILY_API_KEY", options.base_url)
    client = TavilyClient(api_key=secret, api_base_url=options.base_url)

    def ask(query: str, limit: int) -> list[WebPage]:
        try:
            answer = client.search(query, max_results=min(limit, 20), include_answer=True, timeout=options.timeout)
        except errors.TimeoutError as e:
            raise WorldError(f"search: tavily gave no answer within {options.timeout:g} seconds") from e
        except errors.InvalidAPIKeyError as e:
            raise _refused("tavily", 401, blot(str(e), secret)) from None
        except (errors.UsageLimitExceededError, errors.ForbiddenError) as e:
            raise _refused("tavily", 429, blot(str(e), secret)) from None
        except errors.BadRequestError as e:
            raise _refused("tavily", 400, blot(str(e), secret)) from None
        except ValueError as e:
            raise WorldError(f"search: tavily answered what is no JSON: {blot(str(e), secret):.200}") from e
        except (AttributeError, TypeError) as e:  # the client takes the answer for an object
            raise WorldError("search: tavily: expected an object as the answer") from e
        except RequestException as e:
            raise WorldError(f"search: tavily cannot be reached: {blot(str(e), secret):.300}") from e
        return _tavily(answer)

    return ask


def _tavily(answer: Any) -> list[WebPage]:
    """The pages of Tavily's answer: its own short answer, then the results in their order."""
    if not isinstance(answer, dict):
        raise WorldError("search: tavily: expected an object as the answer")
    pages = [WebPage("https://tavily.com", f"Answer: {_text(answer.get('query'))}", _text(answer.get("answer")))]
    for item in _list(answer.get("results")):
        if isinstance(item, dict):
            pages.append(WebPage(_text(item.get("url")), _text(item.get("title")), _text(item.get("content"))))
    return [page for page in pages if page.text]


def _text(value: Any) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _list(value: Any) -> list[Any]:
    return [v for v in value if isinstance(v, str | dict)] if isinstance(value, list) else []


CLIENTS: dict[str, Callable[[Connection], Ask]] = {"serpapi": serpapi, "tavily": tavily}
