import { DecisionObserver } from '../../src/index.js';
import type { AbuseEvent, DecisionEvent, IntrospectionModuleOptions } from '../../src/index.js';

/** Keeps what a host's observer is told. */
export function observed() {
  const abuses: AbuseEvent[] = [];
  const decisions: DecisionEvent[] = [];
  const useValue: DecisionObserver = {
    abused: (event) => void abuses.push(event),
    decided: (event) => void decisions.push(event),
  };
  const providers: NonNullable<IntrospectionModuleOptions['providers']> = [
    { provide: DecisionObserver, useValue },
  ];
  return { abuses, decisions, providers };
}
