import { readFileSync } from 'node:fs';

interface Manifest {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional?: boolean }>;
  devDependencies: Record<string, string>;
  scripts: Record<string, string>;
}

/** Our package.json. */
export const manifest = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
) as Manifest;

/** The peers that a host must have. */
export const requiredPeers = Object.fromEntries(
  Object.entries(manifest.peerDependencies).filter(
    ([name]) => !manifest.peerDependenciesMeta[name]?.optional,
  ),
);
