import { ConsoleLogger } from '@nestjs/common';
import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { PinoLoggerService } from '../../app/server/logger.js';
import { LogLine } from '../../src/events/log-line.js';
import { TokenTypeHint } from '../../src/index.js';
import type { IntrospectionStrategy } from '../../src/index.js';
import { ADAPTERS } from '../support/host.js';
import { FORM, ask, basic } from '../support/http.js';
import type { Question } from '../support/http.js';
import { startWorld } from '../support/world.js';
import type { World } from '../support/world.js';

@TokenTypeHint('urn:example:broken')
class BrokenStrategy implements IntrospectionStrategy {
  async find(token: string): Promise<undefined> {
    if (token === 'broken') throw new Error('the disk is full\n[Nest] a line of its own');
  }
}

/** A host that logs with `logger`, and what it has written about introspections. */
async function hostLoggingWith(adapter: (typeof ADAPTERS)[number], logger: LoggerService) {
  const world = await startWorld(adapter, {
    module: { providers: [BrokenStrategy] },
    introspection: { limits: { failuresPerClient: 2 } },
    configure: (app) => app.useLogger(logger),
  });
  onTestFinished(() => world.stop());
  const written: string[] = [];
  const write = (chunk: unknown) => written.push(String(chunk)) > 0;
  for (const stream of [process.stdout, process.stderr]) {
    const spied = vi.spyOn(stream, 'write').mockImplementation(write);
    onTestFinished(() => spied.mockRestore());
  }
  return { world, written };
}

/** What is asked, in this order, with the id of each request. */
async function questions(world: World): Promise<Question[]> {
  const rs = [...FORM, 'Authorization', world.authorization('rs')];
  const question = (id: string, headers: readonly string[], body: string) => ({
    headers: [...headers, 'X-Request-Id', id],
    body,
  });
  return [
    question('live', rs, `token=${await world.issue()}`),
    question('dead', rs, `token=${await world.issue({ exp: 1 })}`),
    question('junk', rs, 'token=junk'),
    question('form', rs, ''),
    question('none', FORM, 'token=a'),
    question('down', rs, 'token=broken'),
    question('wrong', [...FORM, 'Authorization', basic('rs', 'wrong')], 'token=a'),
    question('again', [...FORM, 'Authorization', basic('rs', 'wrong')], 'token=a'),
  ];
}

/** Fastify counts its requests instead. */
const IDS = ['live', 'dead', 'junk', 'form', 'none', 'down', 'wrong', 'again'];

const askAll = async (world: World) => {
  for (const question of await questions(world)) await ask(world.origin, question);
};

const TEXT = [
  'DEBUG [Introspection] active callerId=rs clientId=app requestId=live durationMs=N',
  'DEBUG [Introspection] inactive reason=expired callerId=rs clientId=app requestId=dead durationMs=N',
  'DEBUG [Introspection] inactive reason=unrecognized callerId=rs requestId=junk durationMs=N',
  'DEBUG [Introspection] refused 400 invalid_request address=127.0.0.1 callerId=rs requestId=form durationMs=N',
  'DEBUG [Introspection] refused 401 invalid_client address=127.0.0.1 fault=no_credentials requestId=none durationMs=N',
  'ERROR [Introspection] refused 503 temporarily_unavailable address=127.0.0.1 callerId=rs requestId=down durationMs=N cause="Error: the disk is full\\n[Nest] a line of its own"',
  'DEBUG [Introspection] refused 401 invalid_client address=127.0.0.1 fault=wrong_secret claimedClientId=rs requestId=wrong durationMs=N',
  'WARN [Introspection] guessing address=127.0.0.1 failures=2 seconds=300',
  'DEBUG [Introspection] refused 401 invalid_client address=127.0.0.1 fault=wrong_secret claimedClientId=rs requestId=again durationMs=N',
];

describe.each(ADAPTERS)('The log of a host, on %s', (adapter) => {
  it('of Nest’s own logger has one line for each event', async () => {
    const { world, written } = await hostLoggingWith(adapter, new ConsoleLogger({ colors: false }));
    await askAll(world);
    const lines = written.map((line) =>
      line
        .replace(/^\[Nest\] \d+ {2}- .*?(?=[A-Z]+ \[I)/, '')
        .replace(/durationMs=\d+\.\d\d\b/, 'durationMs=N')
        .replace(/(?<=requestId=)req-\w+/, (id) => IDS[Number.parseInt(id.slice(4), 36) - 1]!)
        .replace(/\n$/, ''),
    );
    expect(lines).toEqual(TEXT);
  });

  const MEMBERS = [
    { active: true, callerId: 'rs', clientId: 'app' },
    { active: false, reason: 'expired', callerId: 'rs', clientId: 'app' },
    { active: false, reason: 'unrecognized', callerId: 'rs' },
    { error: 'invalid_request', status: 400, callerId: 'rs' },
    { error: 'invalid_client', status: 401, fault: 'no_credentials' },
    {
      error: 'temporarily_unavailable',
      status: 503,
      cause: 'Error: the disk is full\n[Nest] a line of its own',
    },
    { error: 'invalid_client', status: 401, fault: 'wrong_secret', claimedClientId: 'rs' },
    { kind: 'guessing', address: '127.0.0.1', failures: 2, seconds: 300 },
    { error: 'invalid_client', status: 401, fault: 'wrong_secret', claimedClientId: 'rs' },
  ];

  it('of Nest’s logger in JSON has the members of each event', async () => {
    const { world, written } = await hostLoggingWith(adapter, new ConsoleLogger({ json: true }));
    await askAll(world);
    const messages = written.map((line) => (JSON.parse(line) as { message: unknown }).message);
    expect(messages).toEqual(MEMBERS.map((members) => expect.objectContaining(members)));
  });

  it('of a logger that takes objects has the members of each event', async () => {
    const lines: string[] = [];
    const stream = { write: (line: string) => void lines.push(line) };
    const logger = new PinoLoggerService(pino({ level: 'debug' }, stream));
    const { world } = await hostLoggingWith(adapter, logger);
    lines.length = 0;
    await askAll(world);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      MEMBERS.map((members) =>
        expect.objectContaining({ ...members, context: 'Introspection', pid: process.pid }),
      ),
    );
  });

  it('of a logger that writes whatever it is given as text has one line for each event', async () => {
    const lines: string[] = [];
    const note = (message: unknown) => void lines.push(String(message));
    const logger = { log() {}, error: note, warn: note, debug: note };
    const { world } = await hostLoggingWith(adapter, logger);
    await askAll(world);
    expect(lines).toHaveLength(TEXT.length);
    expect(lines[1]).toMatch(/^inactive reason=expired callerId=rs /);
  });
});

describe('A line of the log', () => {
  it('quotes what a client id may have in it, so that it cannot look like another line', () => {
    const line = new LogLine({ active: true, callerId: 'a b=c\n\u009b31m\u2028\u{e0001}"é' });
    expect(String(line)).toBe('active callerId="a b=c\\n\\u009b31m\\u2028\\udb40\\udc01\\"é"');
  });
});
