"""Logs: one line for each thing worth knowing, on stderr. What each says stands in ``docs/logs.md``."""

import logging
import re
import sys
from typing import Literal

import structlog

from orderbell.repeats import Repeats
from streams.engine import faust_seam
from streams.errors import place

log = structlog.get_logger()

_OURS = ("agents", "orderbell", "schemas", "streams")
_LEADING_WORDS = re.compile(r"[A-Za-z][A-Za-z ,.'_-]*")


def configure(form: Literal["json", "console"]) -> None:
    """Sets up structlog, and has the libraries' errors go the same way."""
    last: structlog.typing.Processor
    if form == "json":
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            Repeats(),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_InOurWords())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.ERROR)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    # It tells of every connection that it can't make, thousands while a broker is away; what follows from it we tell.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    # Faust names its loggers by the module of the class, and some of its classes we derive from.
    logging.getLogger(faust_seam.__name__).setLevel(logging.ERROR)
    # Faust and aiokafka build debug records even when nobody reads them, which costs a tenth of the time.
    logging.disable(logging.DEBUG)


class _InOurWords(logging.Filter):
    """Has a library's error told without what it quotes: an address, a request, a record may stand in that."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, dict):  # structlog's, so ours
            return True
        error = record.exc_info[1] if record.exc_info else None
        log.error(
            "library_error",
            library=record.name,
            says=_without_values(record),
            error=None if error is None else type(error).__name__,
            at=None if error is None else place(error),
        )
        return False


def _without_values(record: logging.LogRecord) -> str:
    """What a record says: its form where values are put into one, else the words before the first that may be a
    value."""
    said = str(record.msg)
    if record.args:
        return said
    words = _LEADING_WORDS.match(said)
    return words[0].strip() if words else ""
