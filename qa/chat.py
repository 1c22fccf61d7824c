"""The call of a chat model, any provider's, and the names of all that may go wrong with it.

The only module that imports LangChain for models, and only at the first call.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Any

from qa.prompt import SCHEMA, Draft
from qa.reply import read_reply
from qa.wording_model import Problem

MESSAGES = Sequence[tuple[str, str]]
_SPEC = re.compile(r"[a-z][a-z0-9_]{1,40}:[^\s]{1,200}")
# Tracing would send every prompt to a third party: forced off, whatever the environment says.
_TRACING = (
    "LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING", "LANGCHAIN_TRACING_V2",
    "LANGSMITH_OTEL_ENABLED",
)  # fmt: skip
_STATUS: dict[int, Problem] = {
    401: "key", 403: "key", 404: "model", 408: "timeout", 429: "rate_limit", 504: "timeout",
}  # fmt: skip
_TIMEOUTS = re.compile(r"timeout|timed.?out", re.IGNORECASE)
_CONNECTIONS = re.compile(r"connect|network|protocol|readerror|writeerror", re.IGNORECASE)


class Stop(Exception):
    """The call came to nothing, for this reason; never holds a text that was sent."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem: Problem = problem


def connect(spec: str, base_url: str = "", timeout: float = 30.0) -> Any:
    """A chat model bound to the form of the answer.

    Args:
        spec: ``provider:name``.
        base_url: Address of a compatible server; empty for the provider's own.
        timeout: Seconds for each request.

    Raises:
        Stop: The package is missing, or the setting or the key is.
    """
    for name in _TRACING:
        os.environ[name] = "false"
    if not _SPEC.fullmatch(spec):
        raise Stop("configuration")
    try:
        from langchain.chat_models import init_chat_model

        model = init_chat_model(spec, **_options(spec.split(":")[0], base_url, timeout))
        return model.with_structured_output(SCHEMA, method="json_schema", include_raw=True)
    except ImportError as error:
        raise Stop("not_installed") from error
    except Exception as error:  # each provider has its own for a missing key or a wrong option
        raise Stop("configuration") from error


def _options(provider: str, base_url: str, timeout: float) -> dict[str, Any]:
    options: dict[str, Any] = {"temperature": 0}
    if base_url:
        options["base_url"] = base_url
    if provider == "ollama":
        return {**options, "client_kwargs": {"timeout": timeout}}
    if provider == "openai" and base_url and not os.environ.get("OPENAI_API_KEY"):
        options["api_key"] = "none"  # a server on the same machine asks for no key
    return {**options, "timeout": timeout, "max_retries": 0}


def ask(model: Any, messages: MESSAGES) -> tuple[Draft, ...]:
    """The drafts that a model returns.

    Raises:
        Stop: It returned none, and why.
    """
    from langsmith import tracing_context

    try:
        with tracing_context(enabled=False):
            result = model.invoke(list(messages))
    except Exception as error:  # the providers' errors have no common base
        raise Stop(problem_of(error)) from None  # its message may repeat what was sent
    drafts = read_reply(result)
    if isinstance(drafts, str):
        raise Stop(drafts)
    return drafts


def problem_of(error: BaseException) -> Problem:
    """The kind of a provider's error, by its status, its class, or the class of its cause."""
    seen: BaseException | None = error
    while seen is not None:
        status = getattr(seen, "status_code", None)
        status = status or getattr(getattr(seen, "response", None), "status_code", None)
        if isinstance(status, int) and status >= 400:
            return _STATUS.get(status, "server" if status >= 500 else "rejected")
        name = type(seen).__name__
        if isinstance(seen, TimeoutError) or _TIMEOUTS.search(name):
            return "timeout"
        if "LengthFinishReason" in name:
            return "truncated"
        if "ContentFilter" in name or "Refusal" in name:
            return "refusal"
        if "JSONDecode" in name or "Validation" in name or "OutputParser" in name:
            return "malformed"
        if (isinstance(seen, ConnectionError) and not seen.__cause__) or _is_connection(seen, name):
            return "unreachable"
        seen = seen.__cause__ or seen.__context__
    return "unknown"


def _is_connection(error: BaseException, name: str) -> bool:
    # openai's APIConnectionError wraps what happened: a time-out is told as one.
    cause = error.__cause__
    wrapped = cause is not None and _TIMEOUTS.search(type(cause).__name__)
    return bool(_CONNECTIONS.search(name)) and not wrapped
