"""G.711 companding (ITU-T G.711) by table: mu-law (PCMU) and A-law (PCMA) to 16-bit linear samples and back."""

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
SILENCE_ULAW = 0xFF
SILENCE_ALAW = 0xD5

_BIAS = 0x84
_CLIP = 8158


def _ulaw_values() -> Samples:
    """The linear value of each of the 256 mu-law codes (G.711 table 2, scaled to 16 bits)."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _BIAS << ((code >> 4) & 0x07)) - _BIAS
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _alaw_values() -> Samples:
    """The linear value of each of the 256 A-law codes (G.711 table 1, scaled to 16 bits)."""
    code = np.arange(256, dtype=np.int32) ^ 0x55
    exponent, mantissa = (code >> 4) & 0x07, (code & 0x0F) << 4
    magnitude = np.where(exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype(np.int16)


def _ulaw_codes() -> npt.NDArray[np.uint8]:
    """The mu-law code of each 16-bit sample, indexed by the sample's unsigned bits."""
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32) >> 2
    biased = np.minimum(np.abs(sample), _CLIP) + (_BIAS >> 2)
    exponent = np.floor(np.log2(biased)).astype(np.int32) - 5
    code = (exponent << 4) | ((biased >> (exponent + 1)) & 0x0F)
    codes: npt.NDArray[np.uint8] = (~(np.where(sample < 0, code | 0x80, code)) & 0xFF).astype(np.uint8)
    return codes


def _alaw_codes() -> npt.NDArray[np.uint8]:
    """The A-law code of each 16-bit sample, indexed by the sample's unsigned bits."""
    sample = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.where(sample < 0, -sample - 1, sample), 32767)
    exponent = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 7, 0)
    mantissa = np.where(exponent == 0, magnitude >> 4, magnitude >> np.maximum(exponent + 3, 4)) & 0x0F
    code = (exponent << 4) | mantissa | np.where(sample < 0, 0, 0x80)
    return ((code ^ 0x55) & 0xFF).astype(np.uint8)


_ULAW_VALUES, _ALAW_VALUES = _ulaw_values(), _alaw_values()
_ULAW_CODES, _ALAW_CODES = _ulaw_codes(), _alaw_codes()


def decode_ulaw(payload: bytes) -> Samples:
    """8-bit mu-law, one byte a sample → 16-bit linear."""
    return _ULAW_VALUES[np.frombuffer(payload, dtype=np.uint8)]


def encode_ulaw(samples: Samples) -> bytes:
    """16-bit linear → 8-bit mu-law."""
    return _ULAW_CODES[np.ascontiguousarray(samples, dtype=np.int16).view(np.uint16)].tobytes()


def decode_alaw(payload: bytes) -> Samples:
    """8-bit A-law, one byte a sample → 16-bit linear."""
    return _ALAW_VALUES[np.frombuffer(payload, dtype=np.uint8)]


def encode_alaw(samples: Samples) -> bytes:
    """16-bit linear → 8-bit A-law."""
    return _ALAW_CODES[np.ascontiguousarray(samples, dtype=np.int16).view(np.uint16)].tobytes()
