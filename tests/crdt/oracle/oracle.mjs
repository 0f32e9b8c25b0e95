// Yjs in JavaScript as the judge: one JSON array of requests per line in, one of answers out.
// A Yjs document that integrates across a gap, or holds something as pending for ever, is
// what every browser would do; the server's own library is not asked.
import { createInterface } from 'node:readline'
import * as Y from 'yjs'

/** @type {Map<string, {doc: Y.Doc, updates: Uint8Array[], undo: Y.UndoManager | null}>} */
const documents = new Map()
const toBytes = text => new Uint8Array(Buffer.from(text, 'base64'))
const toText = bytes => Buffer.from(bytes).toString('base64')

const create = name => {
  const doc = new Y.Doc()
  const held = { doc, updates: [], undo: null }
  doc.getMap('entries')
  doc.on('update', (update, origin) => {
    if (origin !== 'remote') held.updates.push(update)
  })
  documents.set(name, held)
  return { client_id: doc.clientID }
}

const special = value => {
  if (value !== null && typeof value === 'object' && '$' in value) {
    switch (value.$) {
      case 'undefined': return undefined
      case 'bigint': return BigInt(value.value)
      case 'nan': return NaN
      case 'bytes': return new Uint8Array([1, 2, 3])
      case 'text': return new Y.Text(value.value)
      case 'array': return new Y.Array()
      case 'doc': return new Y.Doc()
      case 'map': return new Y.Map(Object.entries(value.value).map(([k, v]) => [k, special(v)]))
      default: throw new Error(`unknown special value ${value.$}`)
    }
  }
  return value
}

const edits = {
  entry: (doc, id, fields) => {
    const entry = new Y.Map()
    for (const [key, value] of Object.entries(fields)) entry.set(key, special(value))
    doc.getMap('entries').set(id, entry)
  },
  field: (doc, id, field, value) => {
    const entry = doc.getMap('entries').get(id)
    if (entry instanceof Y.Map) entry.set(field, special(value))
  },
  unset: (doc, id, field) => {
    const entry = doc.getMap('entries').get(id)
    if (entry instanceof Y.Map) entry.delete(field)
  },
  remove: (doc, id) => doc.getMap('entries').delete(id),
  root: (doc, id, value) => doc.getMap('entries').set(id, special(value)),
  foreign_array: (doc, name, values) => doc.getArray(name).push(values),
  foreign_map: (doc, name, key, value) => doc.getMap(name).set(key, special(value)),
  foreign_text: (doc, name, text) => doc.getText(name).insert(0, text),
  nested_text: (doc, id, field, text) => {
    const nested = doc.getMap('entries').get(id)?.get?.(field)
    if (nested instanceof Y.Text) nested.insert(0, text)
  }
}

const operations = {
  create: ({ name }) => create(name),
  free: ({ name }) => { documents.get(name)?.doc.destroy(); documents.delete(name); return {} },
  edit: ({ name, changes }) => {
    const held = documents.get(name)
    held.updates.length = 0
    held.doc.transact(() => {
      for (const [kind, ...args] of changes) edits[kind](held.doc, ...args)
    }, 'local')
    return { updates: held.updates.splice(0).map(toText) }
  },
  track: ({ name }) => {
    const held = documents.get(name)
    held.undo = new Y.UndoManager(held.doc.getMap('entries'), {
      trackedOrigins: new Set(['local']), captureTimeout: 0
    })
    return {}
  },
  undo: ({ name, redo }) => {
    const held = documents.get(name)
    held.updates.length = 0
    if (redo) held.undo.redo(); else held.undo.undo()
    return { updates: held.updates.splice(0).map(toText) }
  },
  apply: ({ name, updates }) => {
    const held = documents.get(name)
    for (const update of updates) Y.applyUpdate(held.doc, toBytes(update), 'remote')
    held.updates.length = 0
    return {}
  },
  diff: ({ name, state_vector: vector }) => {
    const { doc } = documents.get(name)
    return { update: toText(Y.encodeStateAsUpdate(doc, vector ? toBytes(vector) : undefined)) }
  },
  state: ({ name }) => {
    const { doc } = documents.get(name)
    return {
      entries: doc.getMap('entries').toJSON(),
      roots: [...doc.share.keys()].filter(root => JSON.stringify(doc.share.get(root)._map.size
        ? doc.getMap(root).toJSON()
        : {}) !== '{}' || doc.share.get(root)._length > 0),
      state_vector: toText(Y.encodeStateVector(doc)),
      pending: doc.store.pendingStructs !== null || doc.store.pendingDs !== null
    }
  },
  merge: ({ updates }) => ({ update: toText(Y.mergeUpdates(updates.map(toBytes))) }),
  decode: ({ update }) => {
    const { structs, ds } = Y.decodeUpdate(toBytes(update))
    return {
      structs: structs.map(s => [s.id.client, s.id.clock, s.length, s.constructor.name,
        s.content?.constructor?.name ?? null,
        s.origin ? [s.origin.client, s.origin.clock] : null,
        s.rightOrigin ? [s.rightOrigin.client, s.rightOrigin.clock] : null,
        s.parentSub ?? null]),
      deletes: [...ds.clients].flatMap(([client, items]) => items.map(d => [client, d.clock, d.len]))
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answers = JSON.parse(line).map(request => {
    try {
      return operations[request.op](request)
    } catch (error) {
      return { error: String(error?.stack ?? error) }
    }
  })
  process.stdout.write(JSON.stringify(answers) + '\n')
}
