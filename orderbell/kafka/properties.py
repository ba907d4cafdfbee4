"""What Kafka and its Java are told."""

from orderbell.kafka.ports import HOST

NODE = 1

# Files are named as seen from the data directory, in which Java runs: to Kafka a comma in a path separates two, to
# log4j a $ begins a variable.
LOGS = "logs"
FORMATTING = "logs.unfinished"
SCRATCH = "tmp"
LOG = "kafka.log"
LOGGING = "log4j2.properties"
PROPERTIES = "server.properties"


def java_options() -> list[str]:
    """Options of Java, for a Kafka that is small and quick to start rather than fast in the long run."""
    return [
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-XX:-UsePerfData",
        "-XX:ErrorFile=java-crash.log",
        # Native libraries are unpacked there, and stay there after a kill.
        f"-Djava.io.tmpdir={SCRATCH}",
        "-Djava.awt.headless=true",
        f"-Dlog4j2.configurationFile={LOGGING}",
    ]


def server_properties(ports: tuple[int, int], logs: str = LOGS) -> str:
    """Kafka's settings, as one node that is broker and controller."""
    broker, controller = ports
    return _lines(
        {
            "process.roles": "broker,controller",
            "node.id": NODE,
            "controller.quorum.voters": f"{NODE}@{HOST}:{controller}",
            "listeners": f"PLAINTEXT://{HOST}:{broker},CONTROLLER://{HOST}:{controller}",
            "advertised.listeners": f"PLAINTEXT://{HOST}:{broker}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": logs,
            "auto.create.topics.enable": "false",
            # A dead letter of 4 MiB, and what is around it.
            "message.max.bytes": 5 * 2**20,
            # After kill -9 the controller takes the dead broker for alive for a session (default 9 s), and what it
            # registers anew waits for that.
            "broker.session.timeout.ms": 1_500,
            "broker.heartbeat.interval.ms": 500,
            # What recovery reads after kill -9 is what has not been checkpointed: the segment in use, of each log.
            "log.segment.bytes": 64 * 2**20,
            "log.flush.offset.checkpoint.interval.ms": 5_000,
            "num.recovery.threads.per.data.dir": 4,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 4,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "transaction.state.log.num.partitions": 4,
            # A dead owner's open turn is aborted when it times out, not up to 10 s later.
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": 1_000,
            "group.initial.rebalance.delay.ms": 0,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            # Its map of keys lies in the heap, by default a quarter of ours.
            "log.cleaner.dedupe.buffer.size": 32 * 2**20,
        }
    )


def logging_properties() -> str:
    """Kafka's own log: one bounded file, and the one before it."""
    return _lines(
        {
            "status": "error",
            "appender.file.type": "RollingFile",
            "appender.file.name": "file",
            "appender.file.fileName": LOG,
            "appender.file.filePattern": f"{LOG}.%i",
            "appender.file.layout.type": "PatternLayout",
            "appender.file.layout.pattern": "%d{ISO8601} %p %m (%c{1})%n",
            "appender.file.policies.type": "Policies",
            "appender.file.policies.size.type": "SizeBasedTriggeringPolicy",
            "appender.file.policies.size.size": "5MB",
            "appender.file.strategy.type": "DefaultRolloverStrategy",
            "appender.file.strategy.max": 1,
            "rootLogger.level": "info",
            "rootLogger.appenderRef.file.ref": "file",
            # 300 lines of settings at each start.
            "logger.config.name": "org.apache.kafka.common.config",
            "logger.config.level": "warn",
        }
    )


def _lines(properties: dict[str, object]) -> str:
    return "".join(f"{name}={value}\n" for name, value in properties.items())
