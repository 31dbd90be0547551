/**
 * Runs examples of engine_in_node.ts by their names:
 *
 *   node docs/examples/run_in_node.mjs machine plan
 */
import { runnerImport } from 'vite';

const { module } = await runnerImport('./docs/examples/engine_in_node.ts');
for (const name of process.argv.slice(2)) await module[name]();
process.exit(); // Dawn's threads keep the process alive
