"""How long audio waits: as long as 95 of a hundred packets of the last five seconds ask for."""

from hypothesis import given
from hypothesis import strategies as st

from tenfour.telephony.play_delay import LEADS, RATE, SPREAD_SHARE, STEP, TRANSITS, PlayDelay


def never() -> bool:
    raise AssertionError("Nobody had to ask whether it is quiet.")


@given(st.lists(st.floats(0, 3 * RATE) | st.sampled_from([0.0, 40.0, 80.0]), min_size=1, max_size=3 * TRANSITS))
def test_the_aim_follows_the_spread_of_the_last_packets(transits: list[float]) -> None:
    delay, kept = PlayDelay(0.04, 0.2), list[float]()
    for transit in transits:
        kept = [] if kept and abs(transit - kept[-1]) > RATE else kept[1 - TRANSITS :]
        kept.append(transit)
        delay.arrived(transit)
    for _ in range(LEADS):
        delay.led(delay.target)
    delay.correction(lambda: True)
    ordered = sorted(kept)
    spread = ordered[int(SPREAD_SHARE * (len(ordered) - 1))] - ordered[0]
    assert delay.target == min(round(0.2 * RATE), max(round(0.04 * RATE), round(spread) + STEP))


def test_whether_it_is_quiet_is_asked_only_where_that_decides() -> None:
    for lead, is_quiet, wanted in (
        (320, never, 0),
        (600, lambda: False, 0),
        (600, lambda: True, -1),
        (1200, never, -1),
    ):
        delay = PlayDelay(0.04, 0.2)
        for _ in range(LEADS):
            delay.arrived(0.0)
            delay.led(lead)
        assert delay.correction(is_quiet) == wanted
