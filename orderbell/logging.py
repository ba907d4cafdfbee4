"""Logs: one line for each thing worth knowing, on stderr."""

import logging
import sys
from typing import Literal

import structlog

from streams.engine import faust_seam

_OURS = ("agents", "orderbell", "schemas", "streams")


def configure(form: Literal["json", "console"]) -> None:
    """Sets up structlog, and has the libraries' errors go the same way."""
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor
    if form == "json":
        last = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
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
