import type { Packages } from './packages.js';

export interface Corner {
  readonly nest: string;
  readonly typeorm: string;
  /** What its Nest command builds with, where that is tried. */
  readonly builders?: Packages;
}

/** The hosts in which the packed package is tried. Each range of our peers has both its ends among them. */
export const CORNERS: readonly Corner[] = [
  { nest: '11.0.8', typeorm: '0.3.20' },
  {
    nest: '^11.0.8',
    typeorm: '1.0.0',
    builders: {
      '@nestjs/cli': '^11.0.0',
      '@swc/cli': '^0.7.0',
      '@swc/core': '^1.15.0',
      'ts-loader': '^9.5.0',
      typescript: '^5.9.0',
    },
  },
  { nest: '12.0.2', typeorm: '^0.3.20' },
  {
    nest: '^12.0.2',
    typeorm: '^1.0.0',
    builders: {
      '@nestjs/cli': '^12.0.0',
      '@swc/cli': '^0.8.0',
      '@swc/core': '^1.15.0',
      'fork-ts-checker-webpack-plugin': '^9.1.0',
      'ts-loader': '^9.5.0',
      'tsconfig-paths-webpack-plugin': '^4.2.0',
      webpack: '^5.105.0',
      'webpack-node-externals': '^3.0.0',
    },
  },
];

/** The oldest Node of each line that `engines` names. */
export const NODES = ['20.19.0', '22.13.0', '24.11.0'] as const;

/** Where the program of such a Node is, in the folder of all hosts. */
export function nodeProgram(version: string): string {
  return `nodes/node_modules/node-${version}/bin/node`;
}

export function nameOf({ nest, typeorm }: Corner): string {
  return `Nest ${nest}, TypeORM ${typeorm}`;
}
