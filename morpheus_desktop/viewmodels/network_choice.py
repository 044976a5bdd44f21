"""Which network the settings name, and naming another: for every view-model that lets one choose."""

from router.config import Settings
from router.errors import MorpheusError
from router.networks import NETWORKS, Network


class NetworkChoice:
    """Part of a view-model, which sets `_settings` and says why a choice was not kept."""

    _settings: Settings

    @property
    def networks(self) -> tuple[Network, ...]:
        """All of them."""
        return tuple(NETWORKS.values())

    @property
    def network(self) -> Network:
        """The one that is chosen."""
        return NETWORKS[self._settings.current.network]

    def choose(self, name: str) -> None:
        """Use another network from now on."""
        try:
            if name != self._settings.current.network:
                self._settings.change({"network": name})
        except MorpheusError as error:
            self._not_chosen(error)

    def _not_chosen(self, error: MorpheusError) -> None:
        raise NotImplementedError
