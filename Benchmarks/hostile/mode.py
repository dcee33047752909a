"""The two ways in which each attack is run."""

from dataclasses import dataclass

# Within 127.0.0.0/8, so that nothing leaves the machine.
_ATTACKERS = tuple(f"127.0.1.{number}" for number in range(1, 21))


@dataclass(frozen=True)
class Mode:
    """Which networks are exempt from limits by address, and the addresses that clients connect from."""

    name: str
    # Settings below `limits:` in the server's configuration.
    limits: str
    attackers: tuple[str, ...]
    # Each honest client has an address of its own unless loopback is exempt.
    is_spread: bool

    def honest(self, number: int) -> str:
        """Returns the address of an honest client."""
        return f"127.0.0.{number + 2}" if self.is_spread else "127.0.0.1"


EXEMPT = Mode("loopback exempt", "", ("127.0.0.1",), is_spread=False)
SPREAD = Mode(f"{len(_ATTACKERS)} addresses, none exempt", "exempt: []", _ATTACKERS, is_spread=True)
MODES = {"exempt": EXEMPT, "spread": SPREAD}
