"""The files beside the web pages: squeezed for who takes that, and nothing from outside their folder."""

import gzip
from pathlib import Path

import pytest
from litestar.exceptions import NotFoundException

from tenfour.desk.route_health import Pages

CODE = b"const answer = 10 - 4;\n" * 20


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "secret").write_text("no page")
    (assets / "desk.js").write_bytes(CODE)
    (assets / "desk.js.gz").write_bytes(gzip.compress(CODE))
    (assets / "letters.woff2").write_bytes(b"wOF2")
    return Pages(tmp_path / "dist")


@pytest.mark.parametrize("accepted", ["gzip", "br, GZIP;q=0.5", "deflate, gzip; q=1.0, br"])
def test_squeezed_file_is_sent_to_who_takes_it(pages: Pages, accepted: str) -> None:
    answer = pages.asset("assets/desk.js", accepted)
    assert gzip.decompress(answer.content) == CODE
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "accept-encoding"
    assert answer.media_type == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip-2"])
def test_plain_file_is_sent_to_who_does_not(pages: Pages, accepted: str) -> None:
    answer = pages.asset("assets/desk.js", accepted)
    assert answer.content == CODE
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "accept-encoding"


def test_what_does_not_shrink_is_sent_as_it_is(pages: Pages) -> None:
    answer = pages.asset("assets/letters.woff2", "gzip")
    assert answer.content == b"wOF2"
    assert "vary" not in answer.headers


@pytest.mark.parametrize("name", ["assets/../../secret", "assets/none.js"])
def test_nothing_else_is_there(pages: Pages, name: str) -> None:
    with pytest.raises(NotFoundException):
        pages.asset(name, "gzip")
