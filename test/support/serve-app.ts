/**
 * Set-up of the suites browser and full: builds the app as users get it and serves it
 * below a path of its own, since a static host may put it anywhere.
 * Tests read the address with `inject('appUrl')`.
 */
import { execFileSync } from 'node:child_process';
import { preview } from 'vite';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    appUrl: string;
  }
}

export default async function serveApp(project: TestProject) {
  execFileSync(process.execPath, ['scripts/build.mjs', 'app'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const server = await preview({ base: '/some/where/', logLevel: 'warn', preview: { host: '127.0.0.1', port: 4273 } });
  project.provide('appUrl', server.resolvedUrls!.local[0]!);
  return () => server.close();
}
