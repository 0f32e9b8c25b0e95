// What a machine can judge of a page as it stands; each fault is one line of words.
() => {
  const TARGET = 43.5; // pixels: 44, less what rounding takes
  const INLINE = 23.5;
  const faults = [];
  const root = document.documentElement;
  const modal = [...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body;

  const shown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
    element.closest(".unseen, .skip") === null;
  const named = (element) => {
    const words = (element.getAttribute("aria-label") ?? element.textContent ?? "").trim();
    return `<${element.localName} class="${element.getAttribute("class") ?? ""}"> “${words.slice(0, 50)}”`;
  };
  const size = (box) => `${Math.round(box.width)}×${Math.round(box.height)}`;

  const sideways = root.scrollWidth - root.clientWidth;
  if (sideways > 0) {
    const wide = [...document.querySelectorAll("body *")].filter(
      (element) => shown(element) && element.getBoundingClientRect().right > root.clientWidth + 1,
    );
    faults.push(`sideways: ${sideways} px, by ${wide.slice(0, 3).map(named).join(", ")}`);
  }

  // Targets: 44 px, or a line of 24 px where a link stands in running text.
  const controls = [
    ...modal.querySelectorAll("a[href], button, select, textarea, summary, input, [role=button], [role=tab], [role=switch]"),
  ].filter(shown);
  for (const control of controls) {
    const labels = control.labels?.length ? [...control.labels] : [];
    const ticked = control.matches("[type=checkbox], [type=radio]");
    // A label may be stretched over the line that it stands in.
    const stretched = labels.filter((one) => getComputedStyle(one, "::before").position === "absolute");
    const boxes = [control, ...(ticked ? [...labels, ...stretched.map((one) => one.offsetParent ?? one)] : [])].map(
      (one) => one.getBoundingClientRect(),
    );
    if (boxes.every(({ width, height }) => width <= 1 || height <= 1)) continue;
    const style = getComputedStyle(control);
    const inline = style.display === "inline";
    const fits = boxes.some(({ width, height }) =>
      inline
        ? Math.max(height, parseFloat(style.lineHeight) || 0) >= INLINE
        : width >= TARGET && height >= TARGET,
    );
    if (!fits) faults.push(`small target: ${named(control)} ${size(boxes[0])}`);
  }

  // Words that are cut: an ellipsis is meant, all else is not.
  const leaves = [];
  const walker = document.createTreeWalker(modal, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !parent || parent.closest("script, style, svg, option")) continue;
    if (shown(parent)) leaves.push(walker.currentNode);
  }
  const CUTS = new Set(["hidden", "clip"]);
  for (const leaf of leaves) {
    const range = document.createRange();
    range.selectNodeContents(leaf);
    const words = range.getBoundingClientRect();
    for (let box = leaf.parentElement; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box);
      if (style.position === "fixed") break;
      if (style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none") break;
      const around = box.getBoundingClientRect();
      const across = CUTS.has(style.overflowX) && (words.right > around.right + 2 || words.left < around.left - 2);
      const down = CUTS.has(style.overflowY) && (words.bottom > around.bottom + 3 || words.top < around.top - 3);
      if (around.width > 1.5 && around.height > 1.5 && (across || down)) {
        faults.push(`cut text: “${leaf.data.trim().slice(0, 50)}” in ${named(box)}`);
        break;
      }
      if (/(auto|scroll)/.test(style.overflowX + style.overflowY)) break;
    }
  }

  // Controls that lie on one another. What is fixed or sticky floats over the page on purpose.
  const floats = (element) => {
    for (let one = element; one && one !== modal; one = one.parentElement) {
      if (/fixed|sticky/.test(getComputedStyle(one).position) || one.matches("[role=listbox]")) return true;
    }
    return false;
  };
  // What is left of a box when the scrolling areas around it have cut theirs.
  const seen = (element, box) => {
    const left = { left: box.left, right: box.right, top: box.top, bottom: box.bottom };
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (style.overflowX === "visible" && style.overflowY === "visible") continue;
      const around = one.getBoundingClientRect();
      left.left = Math.max(left.left, around.left);
      left.right = Math.min(left.right, around.right);
      left.top = Math.max(left.top, around.top);
      left.bottom = Math.min(left.bottom, around.bottom);
    }
    return { ...left, width: left.right - left.left, height: left.bottom - left.top };
  };
  const lying = controls
    .filter((control) => !floats(control))
    .map((control) => [control, seen(control.parentElement, control.getBoundingClientRect())])
    .filter(([, box]) => box.width > 1 && box.height > 1);
  for (const [at, [one, mine]] of lying.entries()) {
    for (const [other, theirs] of lying.slice(at + 1)) {
      const across = Math.min(mine.right, theirs.right) - Math.max(mine.left, theirs.left);
      const down = Math.min(mine.bottom, theirs.bottom) - Math.max(mine.top, theirs.top);
      if (across > 1.5 && down > 1.5 && !one.contains(other) && !other.contains(one)) {
        faults.push(`overlap: ${named(one)} and ${named(other)} by ${Math.round(across)}×${Math.round(down)}`);
      }
    }
  }
  // Words over words.
  const lines = leaves
    .filter((leaf) => !floats(leaf.parentElement))
    .flatMap((leaf) => {
      const range = document.createRange();
      range.selectNodeContents(leaf);
      return [...range.getClientRects()].map((box) => [leaf, seen(leaf.parentElement, box)]);
    })
    .filter(([, box]) => box.width > 2 && box.height > 2)
    .sort(([, a], [, b]) => a.top - b.top);
  for (const [at, [one, mine]] of lines.entries()) {
    for (const [other, theirs] of lines.slice(at + 1)) {
      if (theirs.top > mine.bottom) break;
      if (one === other || one.parentElement === other.parentElement) continue;
      const across = Math.min(mine.right, theirs.right) - Math.max(mine.left, theirs.left);
      const down = Math.min(mine.bottom, theirs.bottom) - Math.max(mine.top, theirs.top);
      if (across > 3 && down > 0.4 * Math.min(mine.height, theirs.height)) {
        faults.push(`words over words: “${one.data.trim().slice(0, 30)}” and “${other.data.trim().slice(0, 30)}”`);
      }
    }
  }
  return [...new Set(faults)].slice(0, 12);
}
