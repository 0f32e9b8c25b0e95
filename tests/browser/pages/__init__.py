"""What there is to see: the scenes of each part of the product, for `tests.browser.walk`."""
