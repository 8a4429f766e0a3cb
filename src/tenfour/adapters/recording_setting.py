"""What the agency decides about recordings: `[recording]` of centre.toml."""

import msgspec


class RecordingSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[recording]` of centre.toml. `keep_wav`: sealed recordings stay WAV files, and are not compressed."""

    keep_wav: bool = False
