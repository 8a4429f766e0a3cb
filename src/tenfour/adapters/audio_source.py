"""From whom the audio of a call is taken."""

Address = tuple[str, int]

QUIET_S = 3.0
"""When the source has been quiet for so long, another plausible one may take its place (a changed NAT mapping)."""


class Source:
    """Whose packets belong to this call: the address of the SDP, else the first that sends plausible ones."""

    def __init__(self, described: Address | None) -> None:
        self.described = described
        self.latched: Address | None = None
        self._last = float("-inf")
        self.refused = 0

    def accepts(self, address: Address, now: float, *, authentic: bool = False) -> bool:
        """May a plausible packet from `address` at `now` (monotonic seconds) be heard?

        An `authentic` one is heard wherever it comes from; ours follow it there by the same rule as a plain one.
        """
        if self._may_latch(address, now):
            self.latched, self._last = address, now
            return True
        self.refused += not authentic
        return authentic

    def describe(self, described: Address | None) -> None:
        """The other side says anew where it is."""
        if described is not None and described != self.described:
            self.described, self.latched = described, None

    @property
    def target(self) -> Address | None:
        """Where our audio goes: to where theirs comes from, before that to where the SDP says."""
        return self.latched or self.described

    def _may_latch(self, address: Address, now: float) -> bool:
        if self.latched in (None, address) or address == self.described:
            return True
        return now - self._last > (2 * QUIET_S if self.latched == self.described else QUIET_S)
