import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { run } from '../support/command.js';
import { freePort } from '../support/postgres.js';
import { directoryForTest, eventually } from '../support/programs.js';

/** A vector, as Prometheus answers a query with: each series' labels and its value. */
export type Vector = readonly { labels: Record<string, string>; value: number }[];

/** A Prometheus for one test that scrapes one address every second. @returns how to query it */
export async function prometheusFor(
  metricsUrl: string,
): Promise<(query: string) => Promise<Vector>> {
  await run('prometheus', ['--version'], { cwd: '.' }).catch((error: unknown) => {
    throw new Error('These tests need Prometheus: apt-get install prometheus.', { cause: error });
  });
  const directory = await directoryForTest();
  const config = join(directory, 'prometheus.yml');
  const port = await freePort();
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [
        { job_name: 'introspection', static_configs: [{ targets: [new URL(metricsUrl).host] }] },
      ],
    }),
  );
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  const ended = new Promise((resolve) => child.once('close', resolve));
  onTestFinished(async () => {
    child.kill();
    await ended;
  });
  const origin = `http://127.0.0.1:${port}`;
  await eventually(() =>
    fetch(`${origin}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  return async (query) => {
    const response = await fetch(
      `${origin}/api/v1/query?${new URLSearchParams({ query }).toString()}`,
    );
    const { data } = (await response.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
  };
}
