"""Keys that were typed: kept until the program ends, each for the one address that it was typed for."""

from __future__ import annotations

from pydantic import SecretStr

from tui_app.models.profile import Profile


class TypedKeys:
    """What a person typed in this session. Nothing of it is ever written."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str | None], SecretStr] = {}

    def get(self, profile: Profile) -> SecretStr | None:
        """The key that was typed for a profile; ``None`` too where its address is another one by now."""
        return self._keys.get((profile.name, profile.base_url))

    def keep(self, profile: Profile, key: SecretStr) -> None:
        """Remember a key that was typed."""
        self._keys[profile.name, profile.base_url] = key

    def forget(self, profile: Profile) -> None:
        """Forget it."""
        self._keys.pop((profile.name, profile.base_url), None)
