// Samples who allocates memory, what is garbage by the end included.
import { Session } from 'node:inspector';
import { ask, recordOnSignal } from './recorder.mjs';

/** Between two samples, in bytes, on average. */
const INTERVAL = 16_384;

const session = new Session();
session.connect();

recordOnSignal({
  begin() {
    ask(session, 'HeapProfiler.startSampling', {
      samplingInterval: INTERVAL,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    });
  },
  end: () => ask(session, 'HeapProfiler.stopSampling').profile,
});
