/**
 * Which rows of a long list are in the document: those near the screen, and those that must stay.
 *
 * Rows keep their places: what is not there is the space before the next one that is. So nothing
 * jumps, the scroll bar tells the truth, and a row under a finger or with the focus is never
 * taken away. Short lists are there whole.
 */
import type { Attachment } from "svelte/attachments";

/** Lists of no more rows are not worth the trouble. */
const WHOLE_ROWS_MAX = 60;

/** Rows in the document this far above and below the screen, in pixels: a flick shows no hole. */
const AROUND_PX = 450;

/** Ranges begin and end at multiples of so many rows, so that scrolling seldom draws anything. */
const STEP_ROWS = 6;

/** Height of a row that was never seen, in pixels. */
const USUAL_PX = 57;

export interface Group {
  key: string;
  ids: readonly string[];
}

export interface Shown {
  id: string;
  /** Its place in the group, from 0. */
  index: number;
  /** The height of the rows before it that are not there, in pixels. */
  gap_px: number;
}

export interface ShownGroup {
  rows: readonly Shown[];
  /** The height of the rows after the last one, in pixels. */
  rest_px: number;
}

type Range = readonly [from: number, to: number];

export class ListWindow {
  readonly #groups: () => readonly Group[];
  readonly #kept: () => ReadonlySet<string>;
  readonly #heights = new Map<string, number>();
  /** What was said of each row last: the same again is the same object, and draws nothing. */
  readonly #said = new Map<string, Shown>();
  #ranges = $state.raw<ReadonlyMap<string, Range>>(new Map());
  #root: HTMLElement | null = null;
  #frame = 0;
  readonly #sizes: ResizeObserver;

  /** `kept`: rows that stay in the document wherever they are. */
  constructor(groups: () => readonly Group[], kept: () => ReadonlySet<string>) {
    this.#groups = groups;
    this.#kept = kept;
    this.#sizes = new ResizeObserver((seen) => {
      for (const { target, borderBoxSize } of seen) {
        const { row } = (target as HTMLElement).dataset;
        const height = borderBoxSize[0]?.blockSize ?? 0;
        if (row !== undefined && height > 0) this.#heights.set(row, height);
      }
      this.#soon();
    });
    $effect(() => {
      void groups();
      this.#soon();
    });
  }

  /**
   * Of the element around all groups. A group's own element has its key as `data-group`, and keeps its
   * rows' margins to itself (`display: flow-root`): where it begins is what everything is reckoned from.
   */
  readonly root: Attachment<HTMLElement> = (root) => {
    const listening = new AbortController();
    this.#root = root;
    this.#sizes.observe(root);
    document.addEventListener("scroll", this.#soon, { capture: true, passive: true, signal: listening.signal });
    addEventListener("resize", this.#soon, { signal: listening.signal });
    return () => {
      listening.abort();
      cancelAnimationFrame(this.#frame);
      this.#sizes.disconnect();
      this.#root = null;
    };
  };

  /** Of every row; it has its id as `data-row`. */
  readonly row: Attachment<HTMLElement> = (element) => {
    this.#sizes.observe(element);
    return () => this.#sizes.unobserve(element);
  };

  /** The rows of a group that are in the document. */
  shown({ key, ids }: Group): ShownGroup {
    const [from, to] = this.whole ? [0, ids.length] : (this.#ranges.get(key) ?? this.#first(key));
    const kept = this.whole ? null : this.#kept();
    const rows: Shown[] = [];
    let gap_px = 0;
    for (const [index, id] of ids.entries()) {
      if ((index >= from && index < to) || kept?.has(id)) {
        rows.push(this.#say({ id, index, gap_px }));
        gap_px = 0;
      } else gap_px += this.#height(id);
    }
    return { rows, rest_px: gap_px };
  }

  /** Whether the list is short enough to be there whole. */
  get whole(): boolean {
    let rows = 0;
    for (const { ids } of this.#groups()) rows += ids.length;
    return rows <= WHOLE_ROWS_MAX;
  }

  #say(row: Shown): Shown {
    const before = this.#said.get(row.id);
    if (before?.index === row.index && before.gap_px === row.gap_px) return before;
    this.#said.set(row.id, row);
    return row;
  }

  #height(id: string): number {
    return this.#heights.get(id) ?? USUAL_PX;
  }

  /** Until the page is laid out: the beginning of the list. */
  #first(key: string): Range {
    return key === this.#groups()[0]?.key ? [0, 3 * STEP_ROWS] : [0, 0];
  }

  readonly #soon = (): void => {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#measure());
  };

  #measure(): void {
    this.#frame = 0;
    const root = this.#root;
    if (root === null || this.whole || !root.checkVisibility()) return;
    const ids = new Map(this.#groups().map((group) => [group.key, group.ids]));
    const ranges = new Map<string, Range>();
    for (const element of root.querySelectorAll<HTMLElement>("[data-group]")) {
      const key = element.dataset.group ?? "";
      ranges.set(key, this.#range(ids.get(key) ?? [], element.getBoundingClientRect().top));
    }
    const same = ranges.size === this.#ranges.size &&
      [...ranges].every(([key, range]) => this.#ranges.get(key)?.join() === range.join());
    if (!same) this.#ranges = ranges;
  }

  #range(ids: readonly string[], top_px: number): Range {
    const begin_px = -AROUND_PX - top_px;
    const end_px = innerHeight + AROUND_PX - top_px;
    let at_px = 0;
    let from = ids.length;
    let to = 0;
    for (const [index, id] of ids.entries()) {
      const below_px = at_px + this.#height(id);
      if (below_px > begin_px && at_px < end_px) {
        from = Math.min(from, index);
        to = index + 1;
      }
      at_px = below_px;
    }
    if (from >= to) return [0, 0];
    return [from - (from % STEP_ROWS), Math.ceil(to / STEP_ROWS) * STEP_ROWS];
  }
}
