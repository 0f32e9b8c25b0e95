"""Draws Setroom's mark, and makes every icon of it.

    .venv/bin/python clients/shared/ui/brand/build.py

The lines of a setlist, bound into an S; the lamp stands where the next song would begin. One
drawing: below 24 pixels its strokes are heavier. Writes the SVGs beside this file, and into
`clients/fan/public` what browsers and home screens ask for. Needs Chromium (named by CHROMIUM, or
found), and the packages of the development environment.
"""

from __future__ import annotations

import os
import shutil
from io import BytesIO
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent
PUBLIC = HERE.parents[2] / "fan" / "public"
FONT = HERE.parent / "fonts" / "barlow-condensed-600.woff2"

TILE, LINES, LAMP = "#151417", "#f6f1e7", "#ffb432"
SIZE = 64
XML = 'xmlns="http://www.w3.org/2000/svg"'


def mark(lines: str, lamp: str, *, stroke: float = 8.5, radius: float = 5.8) -> str:
    """The drawing on a square of 64, without anything behind it."""
    left, right, top, bottom = 14.5, 49.5, 15.5, 48.5
    turn = (bottom - top) / 4
    s = (
        f"M{right - 14.5} {top}H{left + turn}a{turn} {turn} 0 0 0 0 {2 * turn}"
        f"H{right - turn}a{turn} {turn} 0 0 1 0 {2 * turn}H{left}"
    )
    return (
        f'<path d="{s}" fill="none" stroke="{lines}" stroke-width="{stroke}" stroke-linecap="round"/>'
        f'<circle cx="{right}" cy="{top}" r="{radius}" fill="{lamp}"/>'
    )


def svg(inside: str, *, width: float = SIZE, height: float = SIZE) -> str:
    """A whole drawing."""
    return f'<svg {XML} viewBox="0 0 {width:g} {height:g}">{inside}</svg>\n'


def tile(inside: str, *, corner: float) -> str:
    """The drawing on its dark tile."""
    return f'<rect width="{SIZE}" height="{SIZE}" rx="{corner}" fill="{TILE}"/>{inside}'


def within(inside: str, share: float) -> str:
    """The drawing at a share of its size, in the middle."""
    shift = SIZE * (1 - share) / 2
    return f'<g transform="translate({shift:g} {shift:g}) scale({share:g})">{inside}</g>'


def lettering(text: str) -> tuple[str, float]:
    """An SVG path of the text in the display face, 44 units high capitals, and its width."""
    font = TTFont(FONT)
    glyphs, names, widths = font.getGlyphSet(), font.getBestCmap(), font["hmtx"]
    scale = 44 / font["OS/2"].sCapHeight
    pen = SVGPathPen(glyphs, ntos=lambda number: f"{number:.2f}".rstrip("0").rstrip("."))
    x = 0.0
    for letter in text:
        name = names[ord(letter)]
        glyphs[name].draw(TransformPen(pen, (scale, 0, 0, -scale, x, 54)))
        x += widths[name][0] * scale + 4.5
    return pen.getCommands(), x - 4.5


def drawings() -> dict[Path, str]:
    """Every SVG by its file."""
    plain = mark(LINES, LAMP)
    path, width = lettering("SETROOM")
    word = f'{mark("currentColor", LAMP)}<path transform="translate(72)" d="{path}" fill="currentColor"/>'
    return {
        HERE / "mark.svg": svg(mark("currentColor", LAMP)),
        HERE / "wordmark.svg": svg(word, width=72 + round(width + 2), height=SIZE),
        HERE / "monochrome.svg": svg(within(mark("#000", "#000"), 0.8)),
        HERE / "maskable.svg": svg(tile(within(plain, 0.72), corner=0)),
        HERE / "small.svg": svg(tile(mark(LINES, LAMP, stroke=10, radius=6.8), corner=13)),
        PUBLIC / "icon.svg": svg(tile(plain, corner=14)),
    }


def picture(browser: Browser, drawing: str, size: int) -> Image.Image:
    """The drawing as pixels."""
    page = browser.new_page(viewport={"width": size, "height": size})
    page.set_content(f"<style>*{{margin:0}}svg{{display:block;width:{size}px}}</style>{drawing}")
    pixels = page.screenshot(omit_background=True)
    page.close()
    return Image.open(BytesIO(pixels)).convert("RGBA")


def main() -> None:
    """Writes them all."""
    made = drawings()
    for file, text in made.items():
        file.write_text(text)
    whole, small = made[PUBLIC / "icon.svg"], made[HERE / "small.svg"]
    maskable, monochrome = made[HERE / "maskable.svg"], made[HERE / "monochrome.svg"]
    binary = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
        pngs = {
            "icon-192.png": (whole, 192),
            "icon-512.png": (whole, 512),
            "maskable-192.png": (maskable, 192),
            "maskable-512.png": (maskable, 512),
            "monochrome-512.png": (monochrome, 512),
            # No rounding of our own: the home screen cuts the corners.
            "apple-touch-icon.png": (svg(tile(within(mark(LINES, LAMP), 0.86), corner=0)), 180),
        }
        for name, (drawing, size) in pngs.items():
            picture(browser, drawing, size).save(PUBLIC / name, optimize=True)
        sizes = [picture(browser, small, size) for size in (16, 24, 32, 48)]
        sizes[-1].save(PUBLIC / "favicon.ico", append_images=sizes[:-1], sizes=[(i.width, i.width) for i in sizes])
        browser.close()


if __name__ == "__main__":
    main()
