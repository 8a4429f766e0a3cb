"""The benchmark of media workers measures real ones."""

from tenfour.bench import media


async def test_audio_of_a_call_costs_something_and_goes_on_after_a_kill() -> None:
    cpu_s, gap_s = await media.measure(2, 0.5)
    assert cpu_s >= 0
    assert 0 < gap_s < media.PATIENCE_S
