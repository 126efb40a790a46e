/** The hosts in which the packed package is tried. Each range of our peers has both its ends among them. */
export const CORNERS = [
  { nest: '11.0.8', typeorm: '0.3.20' },
  { nest: '^11.0.8', typeorm: '1.0.0' },
  { nest: '12.0.2', typeorm: '^0.3.20' },
  { nest: '^12.0.2', typeorm: '^1.0.0' },
] as const;
export type Corner = (typeof CORNERS)[number];

/** The oldest Node of each line that `engines` names. */
export const NODES = ['20.19.0', '22.13.0', '24.11.0'] as const;

/** Where the program of such a Node is, in the folder of all hosts. */
export function nodeProgram(version: string): string {
  return `nodes/node_modules/node-${version}/bin/node`;
}

export function nameOf({ nest, typeorm }: Corner): string {
  return `Nest ${nest}, TypeORM ${typeorm}`;
}
