/**
 * Watches whole visits: a test fails (innocent.ts) when, in its time, a page broke its content policy or asked whom it
 * was not to ask.
 */
import type { BrowserContext, Worker } from 'playwright';

const misdeeds: string[] = [];

/** What a page and its workers do from now on. `addresses`: of the origins that they may ask. */
export async function watchVisit(context: BrowserContext, addresses: readonly string[]): Promise<void> {
  const hosts = new Set(addresses.map((address) => new URL(address).host));
  const watch = (address: string) => {
    const { protocol, host } = new URL(address);
    // What is in the page itself has no host.
    if (!['blob:', 'data:'].includes(protocol) && !hosts.has(host)) misdeeds.push(`asked ${address}`);
  };
  context.on('request', (request) => watch(request.url()));
  context.on('page', (page) => {
    page.on('websocket', (socket) => watch(socket.url()));
    page.on('worker', (worker) => void watchPolicyOf(worker));
  });
  await context.exposeBinding('policyBroken', (_source, what: string) => misdeeds.push(what));
  await context.addInitScript(() => {
    const { policyBroken } = globalThis as unknown as { policyBroken(what: string): void };
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sourceFile, lineNumber }) =>
      policyBroken(`broke ${violatedDirective} with ${blockedURI} at ${sourceFile}:${lineNumber}`),
    );
  });
}

/** The page's bindings do not reach into workers. */
async function watchPolicyOf(worker: Worker): Promise<void> {
  const broken = worker.evaluate(
    () =>
      new Promise<string>((resolve) =>
        self.addEventListener('securitypolicyviolation', (event) => {
          const { violatedDirective, blockedURI } = event as SecurityPolicyViolationEvent;
          resolve(`a worker broke ${violatedDirective} with ${blockedURI}`);
        }),
      ),
  );
  // It fails when the worker ends, as workers do.
  await broken.then(
    (what) => misdeeds.push(what),
    () => {},
  );
}

/** What was seen since the last call. */
export const misdeedsSeen = (): string[] => misdeeds.splice(0);
