/**
 * A Yjs update in parts that are updates themselves, each small enough to be posted.
 *
 * What was edited offline comes as one sync step 2, as large as the evening was long. Its parts go
 * one after the other: every one is complete by itself (nothing in it builds on a later part, and
 * the clock of each client goes on without a gap), and no entry is torn apart: the server would put
 * one right that has no title.
 */
import * as encoding from "lib0/encoding";
import { ContentAny, ContentDeleted, decodeUpdate, ID, Item, Skip, UpdateEncoderV1 } from "yjs";

type Struct = ReturnType<typeof decodeUpdate>["structs"][number];

/** A client's structs from a clock on, as they are written. */
interface Run {
  client: number;
  clock: number;
  structs: Uint8Array[];
}

/** A deleted range: client, clock, length. */
type Deleted = readonly [client: number, clock: number, length: number];

/** What the head of an update, or of a client in it, takes at the most, in bytes. */
const HEAD_BYTES = 32;

/** @throws RangeError if something in it is larger than a part by itself, or it has a gap. */
export function partsOf(update: Uint8Array, bytes_max: number): Uint8Array[] {
  if (update.length <= bytes_max) return [update];
  const { structs, ds } = decodeUpdate(update);
  const parts: Uint8Array[] = [];
  let part = new Part();
  const close = (): void => {
    if (part.bytes > HEAD_BYTES) parts.push(part.encode());
    part = new Part();
  };
  for (const group of groupsOf(foretold(inOrder(structs)))) {
    const written = group.map((struct) => ({ struct, bytes: encode(struct) }));
    const size = written.reduce((sum, { bytes }) => sum + bytes.length + HEAD_BYTES, 0);
    if (part.bytes + size > bytes_max) close();
    if (part.bytes + size > bytes_max) throw new RangeError("one change is larger than a part");
    for (const { struct, bytes } of written) part.add(struct, bytes);
  }
  for (const [client, ranges] of ds.clients) {
    for (const { clock, len } of ranges) {
      if (part.bytes + HEAD_BYTES > bytes_max) close();
      part.delete([client, clock, len]);
    }
  }
  close();
  return parts;
}

class Part {
  bytes = HEAD_BYTES;
  readonly #runs: Run[] = [];
  readonly #deleted = new Map<number, Deleted[]>();

  add({ id: { client, clock } }: Struct, bytes: Uint8Array): void {
    let run = this.#runs.find((one) => one.client === client);
    if (run === undefined) this.#runs.push((run = { client, clock, structs: [] }));
    run.structs.push(bytes);
    this.bytes += bytes.length + HEAD_BYTES;
  }

  delete(range: Deleted): void {
    const [client] = range;
    this.#deleted.set(client, [...(this.#deleted.get(client) ?? []), range]);
    this.bytes += HEAD_BYTES;
  }

  encode(): Uint8Array {
    const to = encoding.createEncoder();
    encoding.writeVarUint(to, this.#runs.length);
    for (const { client, clock, structs } of this.#runs) {
      for (const number of [structs.length, client, clock]) encoding.writeVarUint(to, number);
      for (const bytes of structs) encoding.writeUint8Array(to, bytes);
    }
    encoding.writeVarUint(to, this.#deleted.size);
    for (const [client, ranges] of this.#deleted) {
      for (const number of [client, ranges.length]) encoding.writeVarUint(to, number);
      for (const [, clock, length] of ranges) {
        encoding.writeVarUint(to, clock);
        encoding.writeVarUint(to, length);
      }
    }
    return encoding.toUint8Array(to);
  }
}

function encode(struct: Struct): Uint8Array {
  const to = new UpdateEncoderV1();
  struct.write(to, 0);
  return encoding.toUint8Array(to.restEncoder);
}

/** What a struct builds on. */
function before(struct: Struct): ID[] {
  if (!(struct instanceof Item)) return [];
  return [struct.origin, struct.rightOrigin, struct.parent].filter((one) => one instanceof ID);
}

/** Each struct after those that it builds on. Several clients: a device's pages, one after another. */
function inOrder(structs: readonly Struct[]): Struct[] {
  const lanes = new Map<number, { structs: Struct[]; at: number }>();
  for (const struct of structs) {
    if (struct instanceof Skip) throw new RangeError("an update with a gap");
    const { client } = struct.id;
    const lane = lanes.get(client) ?? { structs: [], at: 0 };
    lane.structs.push(struct);
    lanes.set(client, lane);
  }
  const isThere = ({ client, clock }: ID): boolean => {
    const lane = lanes.get(client);
    const next = lane?.structs[lane.at];
    return next === undefined || clock < next.id.clock;
  };
  const ordered: Struct[] = [];
  while (ordered.length < structs.length) {
    const done = ordered.length;
    for (const lane of lanes.values()) {
      for (let next = lane.structs[lane.at]; next !== undefined; next = lane.structs[lane.at]) {
        const { id } = next;
        const ready = before(next).every((one) => (one.client === id.client ? one.clock < id.clock : isThere(one)));
        if (!ready) break;
        ordered.push(next);
        lane.at += 1;
      }
    }
    if (ordered.length === done) throw new RangeError("an update that builds on itself");
  }
  return ordered;
}

/**
 * The same with the last word in place of those that were overwritten: a document keeps a value
 * only until it is replaced, and the new one may be in a later part. What is told in its place is
 * deleted by the part that tells the new one, so all end as if it had come in one.
 */
function foretold(structs: readonly Struct[]): Struct[] {
  const keyOf = ({ client, clock }: ID): string => `${String(client)}:${String(clock)}`;
  const fields = new Map<string, string>();
  const words = new Map<string, unknown>();
  for (const struct of structs) {
    if (!(struct instanceof Item)) continue;
    const { origin, content, id } = struct;
    const own = keyOf(id);
    const field = origin === null ? own : (fields.get(keyOf(origin)) ?? keyOf(origin));
    fields.set(own, field);
    if (struct.length > 1) fields.set(keyOf(struct.lastId), field);
    if (content instanceof ContentAny) words.set(field, content.arr.at(-1));
  }
  return structs.flatMap((struct) => {
    if (!(struct instanceof Item) || !(struct.content instanceof ContentDeleted)) return struct;
    const { id, origin, rightOrigin, parent, parentSub, length } = struct;
    const field = fields.get(keyOf(id)) ?? "";
    if (!words.has(field)) return struct;
    // One by one: what was deleted is kept in runs, a value of a field is one.
    return Array.from({ length }, (_, at) => {
      const own = new ID(id.client, id.clock + at);
      const last = at === 0 ? origin : new ID(id.client, id.clock + at - 1);
      return new Item(own, null, last, null, rightOrigin, parent, parentSub, new ContentAny([words.get(field)]));
    });
  });
}

/** An entry with the fields that it was made with stays together. */
function groupsOf(structs: readonly Struct[]): Struct[][] {
  const groups: Struct[][] = [];
  for (const struct of structs) {
    const group = groups.at(-1);
    const first = group?.[0];
    const parent = struct instanceof Item ? struct.parent : null;
    const belongs =
      first !== undefined &&
      parent instanceof ID &&
      parent.client === first.id.client &&
      parent.clock === first.id.clock;
    if (group !== undefined && belongs) group.push(struct);
    else groups.push([struct]);
  }
  return groups;
}
