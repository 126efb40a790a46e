/** How long a loop runs before it counts, in milliseconds. */
const WARM_UP = 300;

/**
 * Repeats a step for SECONDS and prints what it took, as a server's sample has it.
 * @param {() => void | Promise<void>} step some milliseconds at most
 * @param {number} size how many things one step does
 */
export async function loop(step, size = 1) {
  await repeat(step, WARM_UP);
  const cpu = process.cpuUsage();
  const { steps, milliseconds, latencies } = await repeat(step, Number(process.env.SECONDS) * 1000);
  const { user, system } = process.cpuUsage(cpu);
  const requests = steps * size;
  latencies.sort((a, b) => a - b);
  const quantile = (share) => (latencies[Math.floor(latencies.length * share)] * 1000) / size;
  console.log(
    JSON.stringify({
      requests,
      perSecond: (requests * 1000) / milliseconds,
      cpu: (user + system) / requests,
      p50: quantile(0.5),
      p99: quantile(0.99),
    }),
  );
}

async function repeat(step, milliseconds) {
  const latencies = [];
  const start = performance.now();
  for (let now = start; now - start < milliseconds;) {
    const waits = step();
    if (waits) await waits;
    const then = performance.now();
    latencies.push(then - now);
    now = then;
  }
  return { steps: latencies.length, milliseconds: performance.now() - start, latencies };
}
