import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Command } from 'commander';
import { createProgram } from '../../app/cli/program.js';
import { INACTIVE_REASONS } from '../../src/model/inactive-reason.js';

const page = await readFile(new URL('../../docs/command.md', import.meta.url), 'utf8');
const [synopsis] = /(?<=^```\n)migrate [\s\S]*?(?=^```)/m.exec(page)!;
/** By command: its lines, of which those after the first begin with a space. */
const described = new Map(
  synopsis
    .split(/\n(?=\S)/)
    .map((lines) => [/^[a-z-]+(?: [a-z-]+(?= |$))?/.exec(lines.trimEnd())![0], lines]),
);

function leaves(command: Command, name = ''): [name: string, command: Command][] {
  if (command.commands.length === 0) return [[name, command]];
  return command.commands.flatMap((one) => leaves(one, `${name} ${one.name()}`.trim()));
}

describe('docs/command.md', () => {
  const commands = leaves(createProgram()).filter(([name]) => name !== 'help');

  it('has every command, and no other', () => {
    expect([...described.keys()].toSorted()).toEqual(commands.map(([name]) => name).toSorted());
  });

  it.each(commands)('has every option of %s, and no other', (name, command) => {
    const options = command.options.map(({ long }) => long!).filter((long) => long !== '--json');
    const shown = described.get(name)!.match(/--[a-z-]+/g) ?? [];
    expect(shown.toSorted()).toEqual(options.toSorted());
  });

  it('has every reason, and no other', () => {
    const [table] = /^\| reason[\s\S]*?\n\n/m.exec(page)!;
    const reasons = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, reason]) => reason);
    expect(reasons).toEqual([...INACTIVE_REASONS]);
  });
});
