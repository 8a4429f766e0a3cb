"""docs/line.md says every setting, fact and frame of the line."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tenfour.adapters.line_settings import AnnouncementSetting, LineSetting, LoopbackSetting, SipSetting
from tenfour.adapters.link_frame import FromCentre, FromLine
from tenfour.adapters.recording_setting import RecordingSetting
from tenfour.calltaking.event import LINE_EVENTS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "line.md").read_text(encoding="utf-8")
TABLES = (SipSetting, AnnouncementSetting, LineSetting, LoopbackSetting, RecordingSetting)
SETTINGS = [field for table in TABLES for field in msgspec.structs.fields(table)]


@pytest.mark.parametrize("name", sorted({field.name for field in SETTINGS}))
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PAGE


@pytest.mark.parametrize("event", LINE_EVENTS, ids=lambda event: event.__name__)
def test_every_fact_is_documented(event: type) -> None:
    assert f"`{event.__name__}`" in PAGE


@pytest.mark.parametrize("frame", [*get_args(FromCentre), *get_args(FromLine)], ids=lambda frame: frame.__name__)
def test_every_frame_is_documented(frame: type[msgspec.Struct]) -> None:
    assert f"`{frame.__struct_config__.tag}`" in PAGE
