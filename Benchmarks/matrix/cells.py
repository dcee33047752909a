"""The cells of the matrix, and who takes part in each."""

from dataclasses import dataclass, replace
from enum import Enum

OURS = "chat-server"
# An earlier build of it, which takes part only if --baseline names one.
BASELINE = "baseline"
PEERS = ("nio", "inspircd", "nats", "ngircd", "origin")
SERVERS = (OURS, BASELINE, *PEERS)
TRANSPORTS = ("plain", "tls")
FANOUT_RECEIVERS = (50, 1000)
IN_FLIGHT = (1, 64)
CURVE_RECEIVERS = (50, 200, 1000, 5000, 10_000, 18_100)
IDLE_CONNECTIONS = 10_000
PACED_RATE = 200
PACED_RECEIVERS = 500
INSTRUCTIONS_RECEIVERS = 50
EVENT_LOOPS_RECEIVERS = 50
CONNECT_KINDS = {"plain": "connections", "full": "handshakes", "resumed": "resumptions"}

# The floor that a server is held against: it sends as often as a server that coalesces as well as possible.
FLOOR = {("plain", 1): "bare", ("plain", 64): "batched", ("tls", 1): "records", ("tls", 64): "batched-records"}

LABELS = {
    OURS: "chat-server",
    BASELINE: "chat-server, the build before",
    "nio": "SwiftNIO server",
    "inspircd": "InspIRCd",
    "nats": "NATS",
    "ngircd": "ngircd",
    "origin": "Python, a thread per client",
    "bare": "floor: a send(2) per line",
    "batched": "floor: a send(2) per turn",
    "records": "floor: a TLS record per line",
    "batched-records": "floor: a TLS record per turn",
    "connections": "floor: accept, a line, close",
    "handshakes": "floor: full handshakes",
    "resumptions": "floor: resumptions",
    "one event loop": "one event loop",
    "two event loops": "two event loops",
    "16 event loops": "16 event loops",
}


class Section(Enum):
    FANOUT = "fanout"
    PACED = "paced"
    CONNECT = "connect"
    LOOPS = "loops"
    EVENT_LOOPS = "event-loops"
    CURVE = "curve"
    IDLE = "idle"
    INSTRUCTIONS = "instructions"


@dataclass(frozen=True)
class Placement:
    """Where the server and the load generator run."""

    server_core: str
    load_prefix: tuple[str, ...]


APART = Placement("0", ("taskset", "-c", "1"))
# Both cores belong to the server; what it leaves is the load's.
TOGETHER = Placement("0,1", ("taskset", "-c", "0,1", "nice", "-n", "19"))


@dataclass(frozen=True)
class Participant:
    """A server of servers.py; or, without one, a variant of the floor, which the load generator serves itself."""

    name: str
    server: str | None = None
    event_loops: int = 1
    placement: Placement = APART


@dataclass(frozen=True)
class Cell:
    section: Section
    workload: str
    transport: str
    title: str
    participants: tuple[Participant, ...]
    arguments: tuple[str, ...] = ()
    floor_arguments: tuple[str, ...] = ()
    connections: int = 0
    rounds_at_most: int | None = None
    # What is no time needs no second run when the hypervisor took some.
    timed: bool = True


def server(name: str) -> Participant:
    return Participant(name, server=name)


ONE_LOOP = Participant("one event loop", server=OURS, placement=TOGETHER)
TWO_LOOPS = Participant("two event loops", server=OURS, event_loops=2, placement=TOGETHER)
FEW_AND_MANY_LOOPS = (
    Participant(ONE_LOOP.name, server=OURS),
    Participant("16 event loops", server=OURS, event_loops=16),
)
ALL_OURS = frozenset({OURS, *(who.name for who in (ONE_LOOP, TWO_LOOPS, *FEW_AND_MANY_LOOPS))})
BUILDS = (server(OURS), server(BASELINE))


def fanout(transport: str, in_flight: int, receivers: int) -> Cell:
    # One and the same variant where one line is in flight.
    variants = dict.fromkeys((FLOOR[transport, 1], FLOOR[transport, in_flight]))
    peers = [name for name in PEERS if transport == "plain" or name != "origin"]
    arguments = ("--receivers", str(receivers), "--senders", "1", "--in-flight", str(in_flight))
    return Cell(
        Section.FANOUT,
        "fanout",
        transport,
        f"{named(transport)}, {in_flight} in flight, {receivers:,} receivers",
        (*BUILDS, *(Participant(variant) for variant in variants), *(server(name) for name in peers)),
        arguments,
        floor_arguments=arguments,
        connections=receivers,
    )


def singly(transport: str) -> Cell:
    """As a fan-out, but each line is sent by itself, so that the server finds only some of them in each turn."""
    in_flight, receivers = IN_FLIGHT[-1], FANOUT_RECEIVERS[0]
    burst = fanout(transport, in_flight, receivers)
    arguments = (*burst.arguments, "--singly")
    return replace(
        burst,
        title=f"{named(transport)}, {in_flight} in flight, each sent by itself, {receivers:,} receivers",
        participants=(*BUILDS, Participant(FLOOR[transport, in_flight])),
        arguments=arguments,
        floor_arguments=arguments,
    )


def paced() -> Cell:
    return Cell(
        Section.PACED,
        "paced",
        "plain",
        f"{PACED_RATE} lines/s to {PACED_RECEIVERS} receivers, plain",
        (*BUILDS, *(server(name) for name in PEERS)),
        ("--rate", str(PACED_RATE), "--receivers", str(PACED_RECEIVERS), "--senders", "1"),
        connections=PACED_RECEIVERS,
    )


def connect(kind: str) -> Cell:
    # Several would be told of each other's coming and going, which the floor does not do: that is fan-out, and measured
    # as that.
    arguments = ("--concurrency", "1")
    return Cell(
        Section.CONNECT,
        "connect",
        "plain" if kind == "plain" else "tls",
        {"plain": "Plain", "full": "Full TLS 1.3 handshake", "resumed": "Resumed TLS 1.3 session"}[kind],
        (*BUILDS, Participant(CONNECT_KINDS[kind])),
        ("--kind", kind, *arguments),
        floor_arguments=arguments,
    )


def loops() -> Cell:
    return Cell(
        Section.LOOPS,
        "fanout",
        "plain",
        "plain, 64 in flight, 1,000 receivers",
        (ONE_LOOP, TWO_LOOPS),
        ("--receivers", "1000", "--senders", "1", "--in-flight", "64"),
        connections=1000,
    )


def event_loops(transport: str, in_flight: int) -> Cell:
    """Few receivers on one core: what the server pays for event loops that it does not need."""
    return Cell(
        Section.EVENT_LOOPS,
        "fanout",
        transport,
        f"{named(transport)}, {in_flight} in flight, {EVENT_LOOPS_RECEIVERS} receivers",
        FEW_AND_MANY_LOOPS,
        ("--receivers", str(EVENT_LOOPS_RECEIVERS), "--senders", "1", "--in-flight", str(in_flight)),
        connections=EVENT_LOOPS_RECEIVERS,
    )


def curve(receivers: int) -> Cell:
    arguments = ("--receivers", str(receivers), "--senders", str(min(receivers, 100)), "--in-flight", "1")
    return Cell(
        Section.CURVE,
        "fanout",
        "plain",
        f"{receivers:,} receivers",
        (*BUILDS, Participant("batched")),
        arguments,
        floor_arguments=arguments,
        connections=receivers,
        rounds_at_most=3,
    )


def idle(transport: str) -> Cell:
    return Cell(
        Section.IDLE,
        "idle",
        transport,
        f"{IDLE_CONNECTIONS:,} idle connections, {named(transport)}",
        (*BUILDS, server("nio")),
        ("--connections", str(IDLE_CONNECTIONS)),
        connections=IDLE_CONNECTIONS,
        rounds_at_most=1,
        timed=False,
    )


def instructions() -> Cell:
    return Cell(
        Section.INSTRUCTIONS,
        "fanout",
        "plain",
        f"plain, 1 in flight, {INSTRUCTIONS_RECEIVERS} receivers",
        # valgrind does not run Go's runtime, ngircd starts with a search for primes, which takes what chance will have
        # it take, and there is not much to learn from CPython's instructions.
        (*BUILDS, server("nio"), server("inspircd")),
        ("--receivers", str(INSTRUCTIONS_RECEIVERS), "--senders", "1", "--in-flight", "1"),
        connections=INSTRUCTIONS_RECEIVERS,
        rounds_at_most=1,
        timed=False,
    )


def matrix() -> tuple[Cell, ...]:
    fanouts = [
        fanout(transport, in_flight, receivers)
        for transport in TRANSPORTS
        for in_flight in IN_FLIGHT
        for receivers in FANOUT_RECEIVERS
    ]
    return (
        *fanouts,
        *(singly(transport) for transport in TRANSPORTS),
        paced(),
        *(connect(kind) for kind in CONNECT_KINDS),
        loops(),
        *(event_loops(transport, in_flight) for transport in TRANSPORTS for in_flight in IN_FLIGHT),
        *(curve(receivers) for receivers in CURVE_RECEIVERS),
        *(idle(transport) for transport in TRANSPORTS),
        instructions(),
    )


def named(transport: str) -> str:
    return {"plain": "plain", "tls": "TLS"}[transport]
