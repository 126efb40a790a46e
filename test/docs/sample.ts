import { fileURLToPath } from 'node:url';
import { writeSamples } from '../../scripts/samples.mjs';

/** Before the tests of a project: the samples of README and docs, as files. */
export default writeSamples;

/**
 * A sample of README or docs, as a reader would paste it.
 *
 * @param id the page and the sample's name: `readme/app.module` is ```` ```ts app.module ```` in README.md
 */
export function sample<Exports>(id: string): Promise<Exports> {
  return import(fileURLToPath(new URL(`samples/${id}.ts`, import.meta.url))) as Promise<Exports>;
}
