/**
 * The one configuration: the app (`vite build`), the command line
 * (`vite build --ssr`, see scripts/build.mjs) and the test suites.
 */
import { tmpdir } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { ISOLATION, publishedApp, RESPONSE_HEADERS, shadersWithoutComments } from './scripts/published_app.ts';
import { findAdapters } from './scripts/setup_adapters.mjs';

const adapters = findAdapters();

// Which test is in which suite goes by its name alone. What matches none of these three needs a GPU device.
const UNIT = 'test/**/*.unit.test.ts';
const BROWSER = 'test/browser/**/*.test.ts';
const FULL = 'test/full/**/*.test.ts';

/**
 * What puts kernels together. SwiftShader runs the kernels and the networks' parts by themselves; the whole, it runs in
 * Chromium: the goldens as Self-check, tuning before a benchmark, videos with previews, stopped and with a lost device in
 * generate.test.ts; in the suite full clips streamed, too. The rest is the host's, and the same on any adapter.
 */
const PUT_TOGETHER = [
  ...['test/pipeline/!(loras)*', 'test/generate/**', 'test/tuning/**', 'test/cli/**', 'test/faults/!(low_limits)*'],
  'test/bench/**',
];

/** Kernels of forms that no other test has compiled, which takes llvmpipe a minute a file and SwiftShader a quarter of it. */
const FORMS_OF_THEIR_OWN = ['test/faults/low_limits.test.ts', 'test/pipeline/loras.test.ts'];

/**
 * What stops, waits or measures goes by the clock, and an adapter that is the processor shares it with whatever else the
 * machine does. A second try passes then, and `npm test` names it at its end (scripts/test.mjs).
 */
const BUSY_MACHINE = { retry: 1 };

/** In a group of its own, since Vitest runs no projects side by side that differ in how many files they do. */
const TWO_FILES = { fileParallelism: true, maxWorkers: 2, sequence: { groupOrder: 1 } };

/**
 * Such an adapter's compiler is one thread: a second file keeps the other cores at work. A process goes on to the next
 * file with its device, whose kernels are there already: a tenth of the time.
 */
const SOFTWARE = { ...BUSY_MACHINE, ...TWO_FILES, isolate: false, setupFiles: 'test/support/gives_back.ts' };

/**
 * llvmpipe's subgroups are of as many invocations as its vectors hold of 32 bits. For 4, as SwiftShader has, it compiles a
 * kernel in half the time that it takes for the 8 of today's processors (docs/performance.md), which `npm run test:full` has.
 */
const LANES_OF_4 = { LP_NATIVE_VECTOR_WIDTH: '128' };

/**
 * With 4 lanes the two software adapters run the same, and each has what it compiles sooner to itself; what is of half
 * precision stays on llvmpipe. SwiftShader has these by themselves, and the goldens as Self-check in Chromium.
 */
const LIKE_SWIFTSHADER = ['test/vae/**', 'test/pipeline/goldens.test.ts'];
const LIKE_LLVMPIPE = ['test/kernels/attention.test.ts'];

const isFull = process.env.WANSCOPE_TEST_FULL === 'true'; // also where files are chosen: scripts/test.mjs

/** Of the browser's tests, those whose whole is a run on the GPU: they hold how soon the page answers meanwhile. */
const RUNS = ['benchmark', 'generate'].map((name) => `test/browser/${name}.test.ts`);

const IN_BROWSER = { globalSetup: 'test/support/serve-app.ts', setupFiles: 'test/browser/innocent.ts' };

/** In Node, on the Vulkan driver behind `icd`; null leaves the choice to Vulkan, Metal or D3D12. */
function onAdapter(
  name: string,
  icd: string | null,
  { env, ...test }: NonNullable<TestProjectInlineConfiguration['test']> = {},
): TestProjectInlineConfiguration {
  return {
    extends: true,
    test: {
      name,
      include: ['test/**/*.test.ts'],
      exclude: [UNIT, BROWSER, FULL],
      // One file at a time: a GPU's memory is there once, and whoever else uses it makes times long.
      fileParallelism: false,
      // Mesa complains when there is no runtime directory; containers have none.
      env: { ...(icd && { VK_DRIVER_FILES: icd }), XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir(), ...env },
      ...test,
    },
  };
}

export default defineConfig(({ isSsrBuild }) => ({
  base: './',
  worker: { format: 'es', plugins: () => (isSsrBuild ? [] : [shadersWithoutComments()]) },
  // While developing, styles and hot updates come as inline code.
  server: { headers: ISOLATION },
  preview: { headers: RESPONSE_HEADERS },
  plugins: isSsrBuild ? [] : [publishedApp()],
  build: isSsrBuild
    ? {
        outDir: 'dist/cli',
        target: 'node20',
        copyPublicDir: false,
        rolldownOptions: { output: { entryFileNames: 'main.js', banner: '#!/usr/bin/env node' } },
      }
    : { outDir: 'dist/app', target: 'es2023' },
  // Everything but the native module goes into the built command line, which then starts faster. The others are those
  // that bench/peers compares with (bench/gpu/pack.sh).
  ...(isSsrBuild && {
    ssr: {
      noExternal: true,
      external: ['webgpu', 'onnxruntime-web/webgpu', '@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-webgpu'],
    },
  }),
  test: {
    // The repository may lack a suite's files; a filter on the command line often does.
    passWithNoTests: true,
    // Processes, not threads: a crash inside Dawn, or a device that never lets go, ends no other suite.
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000, // of a process with a software adapter, on a busy machine
    // How soon a page must answer, the tests of that measure. What others wait for comes late on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      // No test leaves anything behind, so a process keeps its modules for the next file.
      { extends: true, test: { name: 'unit', include: [UNIT], isolate: false, ...TWO_FILES } },
      onAdapter('llvmpipe', adapters.llvmpipeIcd, {
        ...SOFTWARE,
        exclude: [UNIT, BROWSER, FULL, ...FORMS_OF_THEIR_OWN, ...(isFull ? [] : LIKE_SWIFTSHADER)],
        env: isFull ? {} : LANES_OF_4,
      }),
      // Its compiler takes seconds for each variant of a large kernel; more when the machine is busy.
      onAdapter('swiftshader', adapters.swiftshaderIcd, {
        ...SOFTWARE,
        testTimeout: 600_000,
        // A block at full width takes it a minute.
        exclude: [UNIT, BROWSER, FULL, ...PUT_TOGETHER, ...(isFull ? [] : LIKE_LLVMPIPE)],
      }),
      onAdapter('hardware', null),
      onAdapter('full', adapters.llvmpipeIcd, {
        include: [FULL],
        exclude: [],
        testTimeout: 3_600_000,
        ...IN_BROWSER,
      }),
      {
        extends: true,
        test: {
          name: 'pages',
          include: [BROWSER],
          exclude: RUNS,
          ...BUSY_MACHINE,
          ...TWO_FILES,
          ...IN_BROWSER,
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: RUNS, fileParallelism: false, ...BUSY_MACHINE, ...IN_BROWSER },
      },
    ],
  },
}));
