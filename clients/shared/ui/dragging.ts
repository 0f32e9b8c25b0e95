/**
 * Dragging an entry by its number to another place.
 *
 * For pointers alone: the buttons of an entry do the same for everybody (WCAG 2.5.7). Rows are
 * found anew at every move, because other people change the list meanwhile.
 */

export interface Place {
  section: string;
  /** Among the other entries of the section, from 0. */
  index: number;
}

interface Target {
  row: HTMLElement;
  after: boolean;
}

/** This near to an edge of the screen the page scrolls along, in pixels. */
const EDGE_PX = 110;
const SCROLL_PX = 9;
/** A finger that moves less than this has tapped. */
const SLACK_PX = 6;

/** Makes an element the handle of the row around it. Returns what undoes that. */
export function draggable(handle: HTMLElement, dropped: (place: Place) => void): () => void {
  const listening = new AbortController();
  const begin = (event: PointerEvent): void => {
    const row = handle.closest<HTMLElement>("[data-section]");
    if (row === null || event.button !== 0) return;
    event.preventDefault();
    new Drag(handle, row, event, dropped);
  };
  handle.addEventListener("pointerdown", begin, { signal: listening.signal });
  return () => listening.abort();
}

class Drag {
  readonly #row: HTMLElement;
  /** What scrolls around the row: its list on wide screens, otherwise the page. */
  readonly #scroller: Element;
  readonly #dropped: (place: Place) => void;
  readonly #from_y: number;
  readonly #listening = new AbortController();
  #y: number;
  #moved = false;
  #target: Target | null = null;
  #frame = 0;

  constructor(
    handle: HTMLElement,
    row: HTMLElement,
    event: PointerEvent,
    dropped: (place: Place) => void,
  ) {
    this.#row = row;
    this.#scroller = scrollerOf(row);
    this.#dropped = dropped;
    this.#from_y = event.clientY + this.#scroller.scrollTop;
    this.#y = event.clientY;
    handle.setPointerCapture(event.pointerId);
    const { signal } = this.#listening;
    handle.addEventListener("pointermove", (moved) => this.#move(moved.clientY), { signal });
    handle.addEventListener("pointerup", () => this.#end(true), { signal });
    handle.addEventListener("lostpointercapture", () => this.#end(false), { signal });
    document.addEventListener(
      "keydown",
      (pressed) => {
        if (pressed.key === "Escape") this.#end(false);
      },
      { signal },
    );
  }

  #move(y: number): void {
    this.#y = y;
    if (!this.#moved && Math.abs(y + this.#scroller.scrollTop - this.#from_y) < SLACK_PX) return;
    this.#moved = true;
    this.#row.classList.add("dragged");
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#draw);
  }

  /** Follows the pointer, marks where the row would go, and scrolls near an edge. */
  readonly #draw = (): void => {
    const scroll = this.#y < EDGE_PX ? -SCROLL_PX : this.#y > innerHeight - EDGE_PX ? SCROLL_PX : 0;
    if (scroll) this.#scroller.scrollBy({ top: scroll, behavior: "instant" });
    this.#row.style.translate = `0 ${String(this.#y + this.#scroller.scrollTop - this.#from_y)}px`;
    this.#mark(nearest(this.#row, this.#y));
    this.#frame = scroll ? requestAnimationFrame(this.#draw) : 0;
  };

  #mark(target: Target | null): void {
    this.#target?.row.removeAttribute("data-drop");
    this.#target = target;
    target?.row.setAttribute("data-drop", target.after ? "after" : "before");
  }

  #end(drop: boolean): void {
    const target = this.#target;
    this.#listening.abort();
    cancelAnimationFrame(this.#frame);
    this.#mark(null);
    this.#row.classList.remove("dragged");
    this.#row.style.translate = "";
    if (drop && this.#moved && target !== null) this.#dropped(placeOf(this.#row, target));
  }
}

function scrollerOf(row: HTMLElement): Element {
  const list = row.closest("[data-scrolls]");
  const scrolls = list !== null && getComputedStyle(list).overflowY === "auto";
  return scrolls ? list : (document.scrollingElement ?? document.documentElement);
}

function others(row: HTMLElement): HTMLElement[] {
  const all = document.querySelectorAll<HTMLElement>("[data-section]");
  return [...all].filter((other) => other !== row);
}

function nearest(row: HTMLElement, y: number): Target | null {
  let best: Target | null = null;
  let distance = Infinity;
  for (const other of others(row)) {
    const box = other.getBoundingClientRect();
    const middle = (box.top + box.bottom) / 2;
    if (Math.abs(y - middle) >= distance) continue;
    distance = Math.abs(y - middle);
    best = { row: other, after: y > middle };
  }
  return best;
}

/** By the rows' own numbers (`data-index`) where only a part of a long list is in the document. */
function placeOf(row: HTMLElement, target: Target): Place {
  const section = target.row.dataset.section ?? "";
  const after = target.after ? 1 : 0;
  const at = indexOf(target.row);
  if (at !== null) {
    const here = row.dataset.section === section ? indexOf(row) : null;
    const without = here !== null && here < at ? at - 1 : at;
    return { section, index: without + after };
  }
  const inSection = others(row).filter((other) => other.dataset.section === section);
  return { section, index: inSection.indexOf(target.row) + after };
}

function indexOf(row: HTMLElement): number | null {
  const { index } = row.dataset;
  return index === undefined ? null : Number(index);
}
