// Sorts what a profiler has sampled by the part of the program that it belongs to.

const HTTP = 'node:http, sockets, streams';
const HTTP_NATIVE = 'node:http, sockets, native code';
const NATIVE = 'Node and V8, native code';

/** Which of Node's own modules carry requests, those to Postgres included. */
const HTTP_MODULES = /^node:(?:_?http|net|stream|_stream|internal\/(?:http|stream|js_stream))/;

/** @param url of a script, as V8 or a stack has it */
export function stageOf(url) {
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
  if (name) return /^(?:pg|postgres)(?:$|-)/.test(name) ? 'pg' : name;
  const [, folder] = /\/dist\/((?:src|app)(?:\/[^/]+(?=\/))?)/.exec(url) ?? [];
  if (folder) return folder;
  if (HTTP_MODULES.test(url)) return HTTP;
  if (/^node:(?:internal\/)?crypto/.test(url)) return 'node:crypto';
  return url.startsWith('node:') ? 'Node, other modules' : 'the floor';
}

/** @returns microseconds by stage, from a CPU profile */
export function timeByStage({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, { ...node, self: 0 }]));
  samples.forEach((id, at) => (byId.get(id).self += timeDeltas[at]));
  for (const node of byId.values()) node.children = node.children?.map((id) => byId.get(id)) ?? [];
  return sums(byId.get(nodes[0].id), ({ self }) => self);
}

/** @returns bytes by stage, from a heap profile */
export function bytesByStage({ head }) {
  return sums(head, ({ selfSize }) => selfSize);
}

function sums(root, of) {
  const byStage = {};
  visit(root, undefined);
  return byStage;

  function visit(node, caller) {
    const { url, functionName } = node.callFrame;
    // Waiting, and the recorder's own work.
    if (functionName === '(idle)' || url.includes('/bench/targets/preload/')) return;
    const stage = url ? stageOf(url) : nativeStage(functionName, caller);
    byStage[stage] = (byStage[stage] ?? 0) + of(node);
    for (const child of node.children) visit(child, url ? stage : caller);
  }
}

/** What is written in no script counts for the script that has called it. */
function nativeStage(functionName, caller) {
  if (functionName === '(garbage collector)') return 'garbage collection';
  return caller === HTTP ? HTTP_NATIVE : (caller ?? NATIVE);
}
