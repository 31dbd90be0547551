/** The synthetic hub for one test file, and a client that does not take its time. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type Hub, type HubOptions, startHub } from '../../src/hub/server';
import { type HttpClient, type HttpTiming, type HttpWait, httpClient } from '../../src/weights/http_client';

/** Call at the top of a test file; faults and counts are cleared before each test. */
export function hubForTests(options: HubOptions = {}): () => Hub {
  let hub: Hub;
  beforeAll(async () => {
    hub = await startHub(options);
  });
  beforeEach(() => {
    hub.setFaults([]);
    hub.resetCounts();
  });
  afterAll(() => hub.close());
  return () => hub;
}

export interface QuickClient extends HttpClient {
  /** All waits it told of. */
  readonly waits: HttpWait[];
}

export function quickClient(timing: Partial<HttpTiming> = {}): QuickClient {
  const waits: HttpWait[] = [];
  const client = httpClient({
    timing: {
      ...{ firstPauseSeconds: 0.005, longestPauseSeconds: 0.02, firstRateLimitPauseSeconds: 0.005 },
      ...{ stallSeconds: 10, windowSeconds: 0.05, ...timing },
    },
    onWait: (wait) => waits.push(wait),
  });
  return Object.assign(client, { waits });
}
