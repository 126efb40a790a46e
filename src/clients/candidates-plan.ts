import type { Client } from '../model/client.js';
import { isLater } from '../model/soon.js';
import type { Soon } from '../model/soon.js';
import type { Batch } from '../persistence/batch.js';
import type { Plan } from '../persistence/plan.js';
import type { Rows } from '../persistence/rows.js';

/** The client that each reading of the credentials names, in their order; `undefined`: there is none. */
export type Candidates = readonly (Client | undefined)[];

/** Looks up the clients of all readings at once. */
export class CandidatesPlan implements Plan<Candidates> {
  /** @param plans one for each reading; `undefined`: no client can have its id */
  constructor(private readonly plans: readonly (Plan<Client | undefined> | undefined)[]) {}

  want(batch: Batch): void {
    for (const plan of this.plans) plan?.want(batch);
  }

  meaning(rows: Rows): Soon<Candidates> {
    const found = this.plans.map((plan) => plan?.meaning(rows));
    // oxlint-disable-next-line typescript/await-thenable -- some of them may be known already
    return found.some(isLater) ? Promise.all(found) : (found as Candidates);
  }
}
