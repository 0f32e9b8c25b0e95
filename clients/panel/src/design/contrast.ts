/** Contrast as it is on this page, from the colours that the browser computed. */

const CHANNELS = /rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?\)/;

/** WCAG contrast of two computed colours; `null` where one of them can be seen through. */
export function contrastOf(one: string, other: string): number | null {
  const [a, b] = [luminance(one), luminance(other)];
  if (a === null || b === null) return null;
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(computed: string): number | null {
  const found = CHANNELS.exec(computed);
  if (found === null || (found[4] !== undefined && Number(found[4]) < 1)) return null;
  const [r = 0, g = 0, b = 0] = [found[1], found[2], found[3]].map((channel) => {
    const part = Number(channel) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
