"""Finds the files that travel with the code but are not Python: skills, migrations, the manifest. Knows no content."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def bundled(name: str, package: Path = _PACKAGE) -> Path:
    """Where a bundled file or folder is: inside an installed wheel, else at the top of the checkout.

    Raises FileNotFoundError when it is in neither place.
    """
    # The wheel's place first: beside an installed package lie other projects' files, which may have the same name.
    places = (package / "_bundled" / name, package.parent / name)
    found = next((place for place in places if place.exists()), None)
    if found is None:
        looked = " and ".join(str(place) for place in places)
        raise FileNotFoundError(f"{name} does not come with this installation (looked for {looked}): install it again")
    return found
