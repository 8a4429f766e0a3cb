"""The line's figures for Prometheus: labelled by trunk and class of packet, never by source."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from tenfour.calltaking.line_status import LineStatus


def line_figures(status: LineStatus) -> Iterator[Metric]:
    """What the line told last. A trunk is "" for all strangers; trunks are named in the settings, 64 at most."""
    calls = GaugeMetricFamily("tenfour_line_calls", "Calls on the line by what they do.", labels=["doing"])
    for doing in ("ringing", "queued", "answered", "without_port"):
        calls.add_metric([doing], getattr(status, doing))
    yield calls
    yield GaugeMetricFamily("tenfour_line_connections", "SIP connections open.", value=status.connections)
    yield GaugeMetricFamily("tenfour_line_late_seconds", "By how much its event loop is late.", status.late_ms / 1000)
    yield GaugeMetricFamily("tenfour_line_busy", "Share of its time that signalling takes.", value=status.busy)
    missing = status.media_seats - status.media_carried
    yield GaugeMetricFamily("tenfour_line_media_missing", "Media workers that are not there.", value=missing)
    yield CounterMetricFamily("tenfour_line_media_deaths", "Media workers that died.", value=status.media_deaths)
    received = CounterMetricFamily("tenfour_line_packets", "SIP packets that came.", labels=["trunk", "packet"])
    shed = CounterMetricFamily("tenfour_line_packets_shed", "SIP packets let go.", labels=["trunk", "packet"])
    for count in status.packets:
        received.add_metric([count.trunk, count.packet], count.received)
        shed.add_metric([count.trunk, count.packet], count.shed)
    yield received
    yield shed
    troubles = CounterMetricFamily("tenfour_line_troubles", "Troubles of the wire by kind.", labels=["kind"])
    for kind, number in status.troubles.items():
        troubles.add_metric([kind], number)
    yield troubles
