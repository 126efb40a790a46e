import { Agent, request } from 'node:http';
import { eventually } from './programs.js';

export interface Load {
  /** What has come so far; `cut`: connections that ended before an answer was there in full. */
  readonly counts: { right: number; readonly wrong: string[]; cut: number };
  /** Waits for a hundred more right answers. */
  more(): Promise<void>;
  /** Every client ends after the answer that it waits for. */
  end(): Promise<void>;
}

interface Form {
  readonly headers: string[];
  readonly body: string;
}

/** So many clients, each on one connection for as long as that lasts, ask again and again. */
export function load(origin: string, active: Form, clients: number): Load {
  const inactive = { ...active, body: 'token=unknown' };
  const counts = { right: 0, wrong: [] as string[], cut: 0 };
  const state = { on: true };
  const client = async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let turn = 0; state.on; turn++) {
      const isActive = turn % 2 === 0;
      const text = await send(origin, agent, isActive ? active : inactive);
      if (text === undefined) counts.cut++;
      else if (isActive ? text.startsWith('{"active":true,') : text === '{"active":false}')
        counts.right++;
      else counts.wrong.push(text);
    }
    agent.destroy();
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return {
    counts,
    more: async () => {
      const enough = counts.right + 100;
      await eventually(() => counts.right > enough);
    },
    end: async () => {
      state.on = false;
      await all;
    },
  };
}

/** @returns the body of the answer; `undefined` when the connection was cut before it was there. */
function send(origin: string, agent: Agent, { headers, body }: Form): Promise<string | undefined> {
  const { hostname, port, host } = new URL(origin);
  const all = ['Host', host, ...headers, 'Content-Length', String(body.length)];
  return new Promise((resolve) => {
    const cut = () => resolve(undefined);
    request(
      { agent, hostname, port, path: '/introspect', method: 'POST', headers: all },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('error', cut);
        response.on('end', () => resolve(text));
      },
    )
      .on('error', cut)
      .end(body);
  });
}
