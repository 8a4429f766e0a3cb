"""Which live model is used, and the one sentence where none can be."""

import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from tenfour.adapters import caption_model as models
from tenfour.adapters.caption_model import caption_model
from tenfour.vocabulary.errors import Unavailable


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like the package, with its model."""
    package = tmp_path / "package"
    (package / "assets" / "tiny-en").mkdir(parents=True)
    (package / "assets" / "tiny-en" / "tokenizer.bin").touch()
    spec = ModuleSpec("moonshine_voice", None, origin=str(package / "__init__.py"))
    monkeypatch.setattr(models, "find_spec", lambda name: spec)
    return package


def test_model_of_the_extra_is_english(installed: Path) -> None:
    model = caption_model(None, "en")
    assert (model.size, model.language, model.name) == ("tiny", "en", "moonshine-tiny-en")
    with pytest.raises(Unavailable, match=r'no captions in "es".*\[speech\] caption_model'):
        caption_model(None, "es")


def test_model_of_the_agency_is_known_by_the_name_of_its_folder(installed: Path, tmp_path: Path) -> None:
    own = tmp_path / "medium-streaming-es"
    shutil.copytree(installed / "assets" / "tiny-en", own)
    model = caption_model(own, "es")
    assert (model.folder, model.size, model.language) == (own, "medium-streaming", "es")
    for wrong in (tmp_path / "nowhere-en", tmp_path, installed):
        with pytest.raises(Unavailable, match="is no model of Moonshine; expected a folder named SIZE-LANGUAGE"):
            caption_model(wrong, "en")


def test_without_the_extra_one_sentence_says_what_is_to_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match=r"^There are no captions: .* `pip install tenfour\[speech\]`\.$"):
        caption_model(None, "en")
