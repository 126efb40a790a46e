// Samples where the process spends its time.
import { Session } from 'node:inspector';
import { ask, recordOnSignal } from './recorder.mjs';

/** Between two samples, in microseconds. */
const INTERVAL = 500;

const session = new Session();
session.connect();

recordOnSignal({
  begin() {
    ask(session, 'Profiler.enable');
    ask(session, 'Profiler.setSamplingInterval', { interval: INTERVAL });
    ask(session, 'Profiler.start');
  },
  end: () => ask(session, 'Profiler.stop').profile,
});
