import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Batch, RunStatement, Statement } from '../../src/persistence/batch.js';
import { BatchedReader, OverloadError } from '../../src/persistence/batched-reader.js';
import { byteaArray, textArray } from '../../src/persistence/lookup.js';
import type { Lookup } from '../../src/persistence/lookup.js';
import type { AnswerRow, Rows } from '../../src/persistence/rows.js';

interface Row {
  key: string;
  is?: string;
}

const lookup = (name: string): Lookup<string> => ({
  name,
  select: (path, keys) => `SELECT 1 FROM ${path(name)} WHERE key = ANY(${keys})`,
  parameter: textArray,
  found({ key, is = key }: Row) {
    if (is === 'broken') throw new Error(`the row ${key} is broken`);
    return is;
  },
});
const ANIMALS = lookup('animals');
const PLANTS = lookup('plants');

/** A database that answers when it is told to. */
function start() {
  const sent: { statement: Statement; deadline: number; done: Parameters<RunStatement>[2] }[] = [];
  const reader = new BatchedReader((statement, deadline, done) => {
    sent.push({ statement, deadline, done });
  }, 60_000);
  const told: string[] = [];
  const ask = (name: string, { wants = [[ANIMALS, name]], on }: Asking = {}): void => {
    const report = (rows: Rows) =>
      void told.push(`${name}: ${wants.map(([of, key]) => rows.get(of, key)).join(' ')}`);
    reader.read({
      want: (batch) => wants.forEach(([of, key]) => batch.want(of, key)),
      answered: on ?? report,
      failed: (failure) => void told.push(`${name} failed: ${(failure as Error).message}`),
    });
  };
  return { reader, sent, told, ask };
}
interface Asking {
  wants?: [Lookup<string>, string][];
  on?: (rows: Rows) => void;
}

const turn = () => new Promise((resolve) => void setImmediate(resolve));
const json = (...all: Row[]) => JSON.stringify(all);

describe('Questions of one turn', () => {
  it('are one statement, with each key once, whoever asks for it', async () => {
    const { sent, told, ask } = start();
    ask('oak', { wants: [[PLANTS, 'oak']] });
    ask('cat');
    ask('both', {
      wants: [
        [PLANTS, 'oak'],
        [ANIMALS, 'cat'],
      ],
    });
    ask('dog');
    expect(sent).toEqual([]);
    await turn();
    expect(sent.map(({ statement }) => statement)).toEqual([
      {
        name: 'animals+plants',
        preparedAs: expect.stringMatching(/^introspection [\w-]{43}$/),
        text: `SELECT (SELECT json_agg(r) FROM (SELECT 1 FROM animals WHERE key = ANY($1)) r)::text AS animals, (SELECT json_agg(r) FROM (SELECT 1 FROM plants WHERE key = ANY($2)) r)::text AS plants`,
        values: [['cat', 'dog'], ['oak']],
      },
    ]);
    sent[0]!.done(undefined, { animals: json({ key: 'cat', is: 'a cat' }), plants: null });
    expect(told).toEqual(['oak: ', 'cat: a cat', 'both:  a cat', 'dog: ']);
  });

  it('are answered in the order in which they were asked, each by itself', async () => {
    const { sent, told, ask } = start();
    ask('cat');
    ask('thrower', {
      on: () => {
        throw new Error('out of reach');
      },
    });
    ask('dog');
    await turn();
    sent[0]!.done(undefined, { animals: json({ key: 'dog' }, { key: 'cat' }) });
    expect(told).toEqual(['cat: cat', 'thrower failed: out of reach', 'dog: dog']);
  });

  it('about a row that cannot be understood fail, and no others', async () => {
    const { sent, told, ask } = start();
    ask('cat');
    ask('dog');
    await turn();
    sent[0]!.done(undefined, { animals: json({ key: 'cat', is: 'broken' }, { key: 'dog' }) });
    expect(told).toEqual(['cat failed: the row cat is broken', 'dog: dog']);
  });

  it.each<[string, unknown, AnswerRow | undefined, string]>([
    ['whose statement fails', new Error('down'), undefined, 'down'],
    ['whose answer cannot be read', undefined, { animals: '[' }, 'JSON'],
  ])('%s all fail', async (_what, failure, answer, message) => {
    const { sent, told, ask } = start();
    ask('cat');
    ask('dog');
    await turn();
    sent[0]!.done(failure, answer);
    expect(told).toHaveLength(2);
    for (const one of told) expect(one).toMatch(new RegExp(`failed: .*${message}`));
  });
});

/** What Postgres says of `€` where it has LATIN1. */
const BAD_VALUE = Object.assign(new Error('no equivalent'), { code: '22P05' });

describe('A value that Postgres cannot take', () => {
  const keysOf = ({ statement }: { statement: Statement }) => statement.values[0];

  it('fails the question that it is in, and none of its neighbours', async () => {
    const { sent, told, ask, reader } = start();
    for (const name of ['a', '€', 'c', 'd', 'e']) ask(name);
    await turn();
    for (let at = 0; at < sent.length; at++) {
      const keys = keysOf(sent[at]!) as string[];
      if (keys.includes('€')) sent[at]!.done(BAD_VALUE);
      else sent[at]!.done(undefined, { animals: json(...keys.map((key) => ({ key }))) });
      await turn();
    }
    expect(sent.map(keysOf)).toEqual([
      ['a', '€', 'c', 'd', 'e'],
      ['a', '€', 'c'],
      ['d', 'e'],
      ['a', '€'],
      ['c'],
      ['a'],
      ['€'],
    ]);
    expect(told.toSorted()).toEqual(['a: a', 'c: c', 'd: d', 'e: e', '€ failed: no equivalent']);
    expect([reader.inFlight, reader.waiting]).toEqual([0, 0]);
    // None is counted as waiting any more.
    for (let n = 0; n < 10_000; n++) ask('cat', { on: () => {} });
    expect(told).toHaveLength(5);
  });

  it('leaves the halves the deadline that they had, and what is asked meanwhile joins neither', async () => {
    const { sent, ask } = start();
    ask('a');
    ask('€');
    await turn();
    ask('late');
    sent[0]!.done(BAD_VALUE);
    expect(sent.map(keysOf)).toEqual([['a', '€'], ['a'], ['€']]);
    expect(sent[1]!.deadline).toBe(sent[0]!.deadline);
    expect(sent[2]!.deadline).toBe(sent[0]!.deadline);
  });

  it.each(['42P01', '57014', '57P01', '53300', undefined])(
    'is not what a failure with the code %s is about: all fail',
    async (code) => {
      const { sent, told, ask } = start();
      ask('a');
      ask('b');
      await turn();
      sent[0]!.done(Object.assign(new Error('no'), { code }));
      await turn();
      expect(sent).toHaveLength(1);
      expect(told).toEqual(['a failed: no', 'b failed: no']);
    },
  );
});

describe('A question', () => {
  it('that comes when the statement was sent has another', async () => {
    const { sent, told, ask } = start();
    ask('cat');
    await turn();
    for (let n = 0; n < 16; n++)
      ask(`cat ${n}`, { wants: [[ANIMALS, n === 0 ? 'cat' : `cat ${n}`]] });
    await turn();
    expect(sent).toHaveLength(2);
    sent[0]!.done(undefined, { animals: json({ key: 'cat', is: 'old' }) });
    expect(told).toEqual(['cat: old']);
    sent[1]!.done(undefined, { animals: json({ key: 'cat', is: 'new' }) });
    expect(told[1]).toBe('cat 0: new');
  });

  it('that is alone waits for the query that runs, and for no more', async () => {
    const { sent, told, ask } = start();
    ask('cat');
    await turn();
    ask('dog');
    await turn();
    expect(sent).toHaveLength(1);
    sent[0]!.done(undefined, { animals: null });
    await turn();
    expect(sent).toHaveLength(2);
    sent[1]!.done(undefined, { animals: json({ key: 'dog' }) });
    expect(told).toEqual(['cat: ', 'dog: dog']);
  });

  it('has until the timeout of the one that it was gathered with first', async () => {
    const deadlines: number[] = [];
    const timed = new BatchedReader((_statement, deadline) => void deadlines.push(deadline), 5000);
    const before = performance.now();
    const question = {
      want: (batch: Batch) => batch.want(ANIMALS, 'cat'),
      answered: () => {},
      failed: () => {},
    };
    timed.read(question);
    const after = performance.now();
    timed.read(question);
    expect(timed.waiting).toBe(1);
    await turn();
    expect(deadlines).toHaveLength(1);
    expect(deadlines[0]).toBeGreaterThanOrEqual(before + 5000);
    expect(deadlines[0]).toBeLessThanOrEqual(after + 5000);
  });

  it('that waits for another query to end has no more time for that', async () => {
    const { sent, ask } = start();
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    ask('cat');
    await turn();
    const asked = performance.now();
    ask('dog');
    vi.advanceTimersByTime(1500);
    sent[0]!.done(undefined, { animals: null });
    await turn();
    expect(sent[1]!.deadline).toBe(asked + 60_000);
  });

  it('that needs no rows waits for nothing, and fails with nothing', async () => {
    const { sent, told, ask, reader } = start();
    ask('cat');
    ask('nothing', { wants: [] });
    expect(told).toEqual([]);
    await turn();
    expect(told).toEqual(['nothing: ']);
    expect(reader.inFlight).toBe(1);
    sent[0]!.done(new Error('down'));
    expect(told).toEqual(['nothing: ', 'cat failed: down']);
  });

  it('about what it has not asked for has no answer, not even of others’ rows', async () => {
    const { sent, told, ask } = start();
    ask('cat', { on: (all) => void all.get(PLANTS, 'oak') });
    ask('dog', { on: (all) => void all.get(ANIMALS, 'wolf') });
    await turn();
    sent[0]!.done(undefined, { animals: json({ key: 'wolf' }) });
    expect(told).toEqual([
      'cat failed: A row of plants was not read.',
      'dog failed: A row of animals was not read.',
    ]);
  });

  it('fails at once when 10,000 wait already, and none after they were answered', async () => {
    const { sent, told, ask } = start();
    for (let n = 0; n < 10_000; n++) ask('cat', { on: () => {} });
    ask('late');
    expect(told).toEqual([`late failed: ${new OverloadError().message}`]);
    await turn();
    sent[0]!.done(undefined, { animals: null });
    ask('early');
    expect(told).toHaveLength(1);
  });

  it('beyond 256 keys is sent with the next ones', async () => {
    const { sent, reader, ask } = start();
    for (let n = 0; n < 600; n++) ask(`cat ${n}`);
    expect(sent.map(({ statement }) => (statement.values[0] as string[]).length)).toEqual([
      256, 256,
    ]);
    expect([reader.inFlight, reader.waiting]).toEqual([2, 88]);
    sent[0]!.done(undefined, { animals: null });
    await turn();
    expect(sent).toHaveLength(3);
  });
});

describe('Keys in hexadecimal', () => {
  it('are sent as the text of an array of bytes', () => {
    expect(byteaArray(new Set())).toBe('{}');
    expect(byteaArray(new Set(['00ff', 'abcd']))).toBe('{"\\\\x00ff","\\\\xabcd"}');
  });
});
