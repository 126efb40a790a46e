import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** User and system time of a process and its children so far, in microseconds. */
export function cpuTime(pid) {
  return sum(family(pid), (one) => {
    // The second field, the name, may hold anything; the state, third of all, follows its ")".
    const stat = read(one, 'stat');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
  });
}

/** Resident memory of a process and its children, in MiB. */
export function residentMemory(pid) {
  return sum(family(pid), (one) => {
    const [, kilobytes] = /^VmRSS:\s*(\d+)/m.exec(read(one, 'status')) ?? [];
    return Number(kilobytes ?? 0) / 1024;
  });
}

function family(pid) {
  const children = read(pid, `task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(family)];
}

function read(pid, file) {
  return readFileSync(`/proc/${pid}/${file}`, 'utf8');
}

function sum(items, of) {
  return items.reduce((total, item) => total + of(item), 0);
}
