import { eventually } from './programs.js';
import type { ServerProcess } from './programs.js';

/** A scrape: each series, as Prometheus writes it, with its value. */
export type Series = ReadonlyMap<string, number>;

/** Where a server says that its metrics are. */
export async function metricsUrl({ output }: ServerProcess): Promise<string> {
  return eventually(() => /Metrics on (http:[^"]+)/.exec(output())?.[1]);
}

export async function scrape(url: string): Promise<Series> {
  const response = await fetch(url);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}: ${text}`);
  return parseSeries(text);
}

export function parseSeries(text: string): Series {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** The series of one counter that have counted anything. */
export function counted(series: Series, name: string): Record<string, number> {
  return Object.fromEntries(
    [...series]
      .filter(([full, value]) => full.startsWith(`${name}{`) && value > 0)
      .map(([full, value]) => [full.slice(name.length), value]),
  );
}
