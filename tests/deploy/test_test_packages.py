"""The tests' own folders."""

from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_no_test_folder_hides_a_package_of_the_product() -> None:
    # tests/rooms/__init__.py without tests/__init__.py would be imported as `rooms`.
    for marker in TESTS.rglob("__init__.py"):
        if marker.parent != TESTS:
            assert (marker.parent.parent / "__init__.py").exists(), marker
