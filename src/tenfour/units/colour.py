"""The colours of unit statuses, which differ between agencies, and the tests that any set of them must pass.

A letter and a shape always stand with the colour. Distances are CIEDE2000 (CIE 142-2001; Sharma, Wu and Dalal 2005),
for full colour vision and for three ways of not having it (Machado, Oliveira and Fernandes 2009, severity 1); contrast
is that of WCAG 2.2, section 1.4.3.
"""

import math
import re
from collections.abc import Iterator
from itertools import combinations

import msgspec

Triple = tuple[float, float, float]

LEAST_DISTANCE, LEAST_DISTANCE_DEFICIENT = 15.0, 10.0
LEAST_CONTRAST = 4.5
LETTER = "#0A0D10"
SURFACES = {"dark": "#222C37", "light": "#DDE7EE"}
"""What a status word may stand on in each theme, at its least favourable: a selected row."""
PANES = {"dark": "#10151A", "light": "#F6F8F9"}
TINT = 0.12
"""So much of the fill is in the pane behind a row that asks for attention; its words stand on that, too."""
HEX = re.compile(r"#[0-9A-Fa-f]{6}")
D65 = (0.95047, 1.0, 1.08883)
DEFICIENCIES: dict[str, tuple[Triple, Triple, Triple]] = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


class StatusColour(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A status: `fill` of its cell in both themes, its word in the `dark` and in the `light` theme; each as #RRGGBB."""

    fill: str
    dark: str
    light: str


class StatusColours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[colour]` of units.toml: a table for each group of statuses; those not given are as Tenfour comes."""

    available: StatusColour = StatusColour("#40DBB7", "#40DBB7", "#0A6546")
    dispatched: StatusColour = StatusColour("#FDF0A2", "#FDF0A2", "#675000")
    en_route: StatusColour = StatusColour("#0B97F8", "#4FB2FA", "#0A5299")
    on_scene: StatusColour = StatusColour("#FEA138", "#FEA138", "#994000")
    community: StatusColour = StatusColour("#EBB7EB", "#EBB7EB", "#7A2A9C")
    out_of_service: StatusColour = StatusColour("#8A9199", "#9AA3AB", "#505C66")
    emergency: StatusColour = StatusColour("#F85A64", "#FF7D84", "#B01B16")


GROUPS = {
    "available": "A",
    "dispatched": "D",
    "en_route": "E",
    "on_scene": "S",
    "community": "C",
    "out_of_service": "O",
    "emergency": "X",
}
"""The letter of each group, as a unit's row has it."""


class Flaw(msgspec.Struct, frozen=True):
    """What is wrong with a colour, in one sentence, and where it stands."""

    group: str
    name: str
    words: str


def flaw_of(colours: StatusColours) -> Flaw | None:
    """The first thing that speaks against these colours; None when all can be told apart and read."""
    return next(_flaws(colours), None)


def least_distance(colours: StatusColours, deficiency: str = "") -> tuple[float, str, str]:
    """The smallest CIEDE2000 distance of any two fills, and the groups it is between."""
    labs = {group: _lab(_seen(_linear(_of(colours, group).fill), deficiency)) for group in GROUPS}
    return min((distance(labs[one], labs[other]), one, other) for one, other in combinations(GROUPS, 2))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as #RRGGBB, 1 to 21."""
    darker, lighter = sorted(_luminance(colour) for colour in (one, other))
    return (lighter + 0.05) / (darker + 0.05)


def tint(fill: str, theme: str) -> str:
    """The pane of a theme with a little of the fill in it."""
    pairs = ((int(fill[at : at + 2], 16), int(PANES[theme][at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(TINT * over + (1 - TINT) * under):02X}" for over, under in pairs)


def _flaws(colours: StatusColours) -> Iterator[Flaw]:
    for group in GROUPS:
        colour = _of(colours, group)
        for name in ("fill", "dark", "light"):
            if not HEX.fullmatch(given := getattr(colour, name)):
                yield Flaw(group, name, f"{given!r} is not a colour; expected six hexadecimal digits as #40DBB7.")
                return
        if (found := contrast(colour.fill, LETTER)) < LEAST_CONTRAST:
            words = f"the letter on it would have contrast {found:.1f}, at least {LEAST_CONTRAST} is needed; lighter."
            yield Flaw(group, "fill", words)
        for theme, surface in SURFACES.items():
            word = getattr(colour, theme)
            if (found := min(contrast(word, surface), contrast(word, tint(colour.fill, theme)))) < LEAST_CONTRAST:
                words = f"as a word in the {theme} theme it would have contrast {found:.1f}"
                yield Flaw(group, theme, f"{words}, at least {LEAST_CONTRAST} is needed.")
    for deficiency in ("", *DEFICIENCIES):
        least = LEAST_DISTANCE_DEFICIENT if deficiency else LEAST_DISTANCE
        found, one, other = least_distance(colours, deficiency)
        if found < least:
            to_whom = f" with {deficiency}" if deficiency else ""
            words = f"{one} and {other} look too much alike{to_whom}: distance {found:.1f} (CIEDE2000)"
            yield Flaw(other, "fill", f"{words}, at least {least:.0f} is needed.")


def _of(colours: StatusColours, group: str) -> StatusColour:
    colour: StatusColour = getattr(colours, group)
    return colour


def _linear(colour: str) -> Triple:
    """Linear sRGB of #RRGGBB (IEC 61966-2-1)."""
    red, green, blue = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return _uncoded(red), _uncoded(green), _uncoded(blue)


def _uncoded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _luminance(colour: str) -> float:
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _seen(linear: Triple, deficiency: str) -> Triple:
    """The colour as somebody with this deficiency sees it."""
    if not deficiency:
        return linear
    red, green, blue = (
        min(1.0, max(0.0, sum(weight * value for weight, value in zip(row, linear, strict=True))))
        for row in DEFICIENCIES[deficiency]
    )
    return red, green, blue


def _lab(linear: Triple) -> Triple:
    red, green, blue = linear
    x = 0.4124564 * red + 0.3575761 * green + 0.1804375 * blue
    y = 0.2126729 * red + 0.7151522 * green + 0.0721750 * blue
    z = 0.0193339 * red + 0.1191920 * green + 0.9503041 * blue
    fx, fy, fz = (_curve(value / white) for value, white in zip((x, y, z), D65, strict=True))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def _curve(value: float) -> float:
    return math.cbrt(value) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29


def distance(one: Triple, other: Triple) -> float:
    """CIEDE2000 of two colours in CIELAB; the letters are those of Sharma, Wu and Dalal, equations 2 to 22."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    g = (1 - math.sqrt(mean_c**7 / (mean_c**7 + 25**7))) / 2
    c1, h1 = _polar(a1 * (1 + g), b1)
    c2, h2 = _polar(a2 * (1 + g), b2)
    turn = 0.0 if c1 * c2 == 0 else _turn(h2 - h1)
    mean_h = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    delta_l, delta_c, delta_h = l2 - l1, c2 - c1, 2 * math.sqrt(c1 * c2) * _sin(turn / 2)
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    t = 1 - 0.17 * _cos(mean_h - 30) + 0.24 * _cos(2 * mean_h) + 0.32 * _cos(3 * mean_h + 6)
    t -= 0.20 * _cos(4 * mean_h - 63)
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rotation = 60 * math.exp(-(((mean_h - 275) / 25) ** 2))
    r_t = -2 * math.sqrt(mean_c**7 / (mean_c**7 + 25**7)) * _sin(rotation)
    chroma, hue = delta_c / s_c, delta_h / s_h
    return math.sqrt((delta_l / s_l) ** 2 + chroma**2 + hue**2 + r_t * chroma * hue)


def _turn(degrees: float) -> float:
    """The short way round: -180 to 180."""
    return degrees - 360 if degrees > 180 else degrees + 360 if degrees < -180 else degrees


def _polar(a: float, b: float) -> tuple[float, float]:
    return math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))
