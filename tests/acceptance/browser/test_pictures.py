"""The pictures of the documents, made of a call as it is worked. TENFOUR_PICTURES=1 writes them to docs/pictures."""

import base64
import os
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

CHECKOUT = Path(__file__).resolve().parents[3]
KEPT = CHECKOUT / "docs" / "pictures"
FOLDER = KEPT if os.environ.get("TENFOUR_PICTURES") == "1" else CHECKOUT / "build" / "screenshots" / "pictures"
LARGEST = 250_000
NAMES = {"desk-dark.png", "desk-light.png", "unit.png", "ladder.png"}
pytestmark = pytest.mark.needs_chromium


def test_pictures_show_a_call_as_it_is_worked(open_page: Callable[..., Page], telephone: Any, person: Any) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    desk = open_page(width=1280, height=800)
    person.sit_down(desk)
    call = telephone.call("911-442-7186", asked_again=True)
    person.answer(desk, "911-442-7186")
    desk.get_by_role("button", name="Child's voice").click()
    desk.get_by_role("button", name="Laughter").click()
    telephone.say(call, "hello")
    desk.get_by_role("button", name="Ask again").first.click()
    expect(desk.locator(".doors .dr").first).to_be_visible()
    telephone.drop(call)
    expect(desk.get_by_role("button", name="Confirm F9")).to_be_visible()
    desk.keyboard.press("F9")
    person.choose_door(desk, "9417 Kendall Place")
    desk.keyboard.press("F8")
    send = desk.get_by_role("button", name=re.compile(r"^Send \w+ F8"))
    expect(send).to_be_visible()
    expect(desk.get_by_text("Asking the centre")).to_have_count(0)
    desk.evaluate("document.querySelectorAll('[data-region=\"2\"] *').forEach((part) => { part.scrollTop = 0; })")
    picture(desk, "desk-dark")
    desk.get_by_role("button", name="Light theme").click()
    picture(desk, "desk-light")
    desk.get_by_role("button", name="Dark theme").click()

    desk.get_by_role("button", name="messages and decisions").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_text("INVITE").first).to_be_visible()
    picture(desk, "ladder")
    desk.keyboard.press("Escape")

    unit = person.send_recommended(desk)
    page = open_page("/field", 390, 844)
    person.board_unit(page, unit)
    expect(page.get_by_text("9417 Kendall Place").first).to_be_visible()
    picture(page, "unit")
    assert {path.name for path in FOLDER.glob("*.png")} == NAMES


PIXELS = """
async (png) => {
  const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
  const paper = new OffscreenCanvas(image.width, image.height).getContext("2d");
  paper.drawImage(image, 0, 0);
  const { data } = paper.getImageData(0, 0, image.width, image.height);
  let text = "";
  for (let at = 0; at < data.length; at += 8190) text += btoa(String.fromCharCode(...data.subarray(at, at + 8190)));
  return [image.width, image.height, text];
}
"""


def picture(page: Page, name: str) -> None:
    """Write a picture; one that is large would make every checkout large."""
    page.wait_for_timeout(1500)  # the map draws its tiles; nothing is asserted of it
    blank = page.context.new_page()
    taken = base64.b64encode(page.screenshot(animations="disabled")).decode()
    width, height, text = blank.evaluate(PIXELS, taken)
    blank.close()
    pixels = np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)[:, :, :3]
    path = FOLDER / f"{name}.png"
    path.write_bytes(png_of(pixels))
    assert path.stat().st_size < LARGEST


def rgb(packed: np.ndarray) -> np.ndarray:
    """Colours as rows of red, green, blue."""
    return np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=-1)


def png_of(pixels: np.ndarray) -> bytes:
    """A PNG with a palette (ISO/IEC 15948) of the 256 commonest colours: a quarter of what a browser writes."""
    shades = pixels.astype(np.int32)
    packed = shades[:, :, 0] << 16 | shades[:, :, 1] << 8 | shades[:, :, 2]
    found, indices, counts = np.unique(packed, return_inverse=True, return_counts=True)
    colours = found[np.argsort(counts)[-256:]]
    nearest = np.array([np.abs(rgb(colours) - one).sum(axis=1).argmin() for one in rgb(found)])
    height, width, _ = pixels.shape
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = nearest[indices].reshape(height, width)
    palette = b"".join(int(colour).to_bytes(3, "big") for colour in colours)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    body = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def test_the_pictures_that_documents_show_are_there_and_small() -> None:
    assert {path.name for path in KEPT.glob("*.png")} == NAMES
    assert all(path.stat().st_size < LARGEST for path in KEPT.glob("*.png"))
