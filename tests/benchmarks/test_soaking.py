import pytest

from benchmarks.soaking import INTERVAL, Sample, judged


def samples(*megabytes: float) -> list[Sample]:
    ends = [INTERVAL * number for number in range(1, len(megabytes) + 1)]
    return [
        Sample(end, memory, 1000) for end, memory in zip(ends, megabytes, strict=True)
    ]


def test_soak_growth_in_the_first_tenth_is_flat() -> None:
    assert judged(100.0, samples(120, *[150] * 8, 151))


def test_soak_growth_after_the_first_tenth_fails() -> None:
    assert not judged(100.0, samples(120, *range(150, 159)))


def test_soak_of_one_interval_is_flat() -> None:
    assert judged(100.0, samples(120))


def test_soak_tells_rate_and_memory(capsys: pytest.CaptureFixture[str]) -> None:
    judged(100.0, samples(120, *range(150, 159)))

    told = capsys.readouterr().out
    assert "10000 requests in 50 s, 200/s" in told
    assert "100.0 MB at the start, 150.0 MB in the second tenth, 158.0 MB" in told
    assert "MEMORY GROWS: +5.3%" in told
