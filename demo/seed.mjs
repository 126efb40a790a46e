// Registers the demo's clients with the operator's command, once: it may run again on the same data.
import { execFileSync } from 'node:child_process';
import { env, execPath } from 'node:process';

const command = 'dist/app/cli/main.js';
const clients = {
  // By stdin, because anybody on the machine can list the arguments of its processes.
  'orders-api': {
    options: ['--audience', env.DEMO_AUDIENCE, '--secret', '-'],
    stdin: env.DEMO_CLIENT_SECRET,
  },
  'orders-app': { options: ['--no-introspect'] },
};

const known = introspection(['client', 'list']).clients.map(({ client_id: id }) => id);
for (const [id, { options, stdin }] of Object.entries(clients)) {
  if (known.includes(id)) continue;
  introspection(['client', 'create', id, ...options], stdin);
  console.log(`Registered the client ${id}.`);
}

function introspection(args, input = '') {
  const stdio = ['pipe', 'pipe', 'inherit'];
  return JSON.parse(execFileSync(execPath, [command, ...args, '--json'], { input, stdio }));
}
