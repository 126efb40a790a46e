import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../support/command.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** One name for all runs, so that each starts from the layers of the last. */
export const STS_IMAGE = 'introspection-sts:stack-test';

/** How long a service may take to become ready, in milliseconds. */
const PATIENCE = 60_000;

/** The services of docker-compose.yml, the demo included, in a project and on ports of their own. */
export class Stack {
  readonly #project = `introspection-test-${randomBytes(4).toString('hex')}`;
  readonly #env = {
    COMPOSE_PROJECT_NAME: this.#project,
    STS_IMAGE,
    DEMO_IMAGE: 'introspection-demo-resource-server:stack-test',
    STS_ADDRESS: '127.0.0.1:0',
    DEMO_ADDRESS: '127.0.0.1:0',
    POSTGRES_PASSWORD: randomBytes(12).toString('base64'),
    DEMO_CLIENT_SECRET: randomBytes(12).toString('base64'),
  };

  private constructor(private readonly program: readonly string[]) {}

  /** Builds and starts everything. What has started is taken down again when something fails. */
  static async start(): Promise<Stack> {
    const stack = new Stack(await composeProgram());
    try {
      // migrate and seed run the image of sts.
      await stack.#show('build', 'sts', 'resource-server');
      await stack.#show('up', '-d', '--no-build');
      await stack.waitFor('sts', '/health/ready');
      await stack.waitFor('resource-server', '/health');
      return stack;
    } catch (error) {
      await stack.#show('logs', '--no-color', '--tail=30').catch(() => {});
      await stack.remove();
      throw error;
    }
  }

  /** Takes down the containers, the networks and the volumes. */
  async remove(): Promise<void> {
    await this.#show('down', '--volumes', '--remove-orphans', '--timeout', '5');
  }

  compose(...args: string[]): Promise<string> {
    return this.composeWith({}, ...args);
  }

  /** The same with other values of the variables that docker-compose.yml takes. */
  async composeWith(variables: Record<string, string>, ...args: string[]): Promise<string> {
    const [program, ...first] = this.#command(args);
    const env = { ...this.#env, ...variables };
    return (await run(program!, first, { cwd: ROOT, env })).stdout.trim();
  }

  /** Runs the operator's command. */
  async introspection<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    return JSON.parse(await this.compose('run', '--rm', '-T', 'cli', ...args, '--json')) as T;
  }

  /** Runs JavaScript in a service's container, and gives what it wrote. */
  evaluate(service: string, script: string): Promise<string> {
    return this.compose('exec', '-T', service, 'node', '-e', script);
  }

  /** A container's state and settings as the engine has them. */
  async inspect(service: string): Promise<Container> {
    const id = await this.compose('ps', '-a', '-q', service);
    const { stdout } = await run('docker', ['inspect', id], { cwd: ROOT });
    return (JSON.parse(stdout) as Container[])[0]!;
  }

  /**
   * Starts a service's image once more beside it, as it is but for these directories, which are empty.
   * @returns what its health check says in the end
   */
  async healthWithout(service: string, directories: readonly string[]): Promise<string> {
    const { Config, Image } = await this.inspect(service);
    const name = `${this.#project}-bare`;
    const options = [
      `--detach --name ${name} --network ${this.#project}_database`.split(' '),
      '--read-only --cap-drop ALL --security-opt no-new-privileges:true'.split(' '),
      ['/tmp', ...directories].flatMap((directory) => ['--tmpfs', directory]),
      [...Config.Env, 'JWKS_FILE='].flatMap((variable) => ['--env', variable]),
    ].flat();
    const docker = (...args: string[]) => run('docker', args, { cwd: ROOT });
    await docker('run', ...options, Image);
    try {
      const until = Date.now() + PATIENCE;
      for (;;) {
        const { stdout } = await docker('inspect', '--format', '{{.State.Health.Status}}', name);
        const health = stdout.trim();
        if (health !== 'starting' || Date.now() > until) return health;
        await sleep(250);
      }
    } finally {
      await docker('rm', '--force', name);
    }
  }

  /** Where a service is published now: a container that starts again gets another port. */
  async origin(service: 'sts' | 'resource-server'): Promise<string> {
    return `http://${await this.compose('port', service, service === 'sts' ? '3000' : '4000')}`;
  }

  async waitFor(service: 'sts' | 'resource-server', path: string, status = 200): Promise<void> {
    const url = (await this.origin(service)) + path;
    const until = Date.now() + PATIENCE;
    for (;;) {
      const response = await fetch(url).catch(() => undefined);
      if (response?.status === status) return;
      if (Date.now() > until) {
        throw new Error(`${service} answers ${response?.status ?? 'nothing'} at ${path}`);
      }
      await sleep(250);
    }
  }

  #command(args: readonly string[]): string[] {
    return [...this.program, '--profile', 'demo', ...args];
  }

  /** Runs a command that takes long, so its progress is for the person who waits. */
  #show(...args: string[]): Promise<void> {
    const [program, ...rest] = this.#command(args);
    return new Promise((resolve, reject) => {
      spawn(program!, rest, {
        cwd: ROOT,
        env: { ...process.env, ...this.#env },
        stdio: ['ignore', 'inherit', 'inherit'],
      })
        .once('error', reject)
        .once('exit', (code) => {
          if (code === 0) resolve();
          else reject(new Error(`${program} ${rest.join(' ')} ended with ${code}`));
        });
    });
  }
}

export interface Container {
  Image: string;
  State: { Status: string; ExitCode: number };
  Config: { User: string; Env: string[] };
  HostConfig: { ReadonlyRootfs: boolean; CapDrop: string[] | null; SecurityOpt: string[] | null };
  NetworkSettings: { Ports: Record<string, { HostIp: string }[] | null> };
}

/** `docker compose` (v2) where it is there, else `docker-compose` (1.29). */
async function composeProgram(): Promise<readonly string[]> {
  const succeeds = (program: string, ...args: string[]) =>
    run(program, args, { cwd: ROOT }).then(
      () => true,
      () => false,
    );
  if (!(await succeeds('docker', 'info'))) {
    throw new Error('These tests run the stack in Docker, and no Docker engine is reachable here.');
  }
  if (await succeeds('docker', 'compose', 'version')) return ['docker', 'compose'];
  if (await succeeds('docker-compose', 'version')) return ['docker-compose'];
  throw new Error('These tests need "docker compose" or docker-compose 1.29; neither is here.');
}
