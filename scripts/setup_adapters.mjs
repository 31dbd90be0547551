/**
 * The software WebGPU adapters and the browser that the tests run on: finds
 * them, and installs what is missing on Debian and Ubuntu.
 *
 *   node scripts/setup_adapters.mjs             install what is missing
 *   node scripts/setup_adapters.mjs --dry-run   only say what would be done
 *
 * Two adapters, because they differ: Mesa's llvmpipe has shader-f16, SwiftShader
 * has not and is what a browser without a GPU falls back to.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Paths, or null where there is nothing to be found. Touches nothing. */
export function findAdapters() {
  const chromium = findChromium();
  // Dawn in Node speaks Vulkan on Linux only; elsewhere it uses Metal or D3D12 and these files mean nothing.
  if (process.platform !== 'linux') return { llvmpipeIcd: null, swiftshaderIcd: null, chromium };
  return { llvmpipeIcd: findLlvmpipe(), swiftshaderIcd: findSwiftshader(chromium), chromium };
}

function findLlvmpipe() {
  const folders = ['/usr/local/share/vulkan/icd.d', '/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
  const files = folders.flatMap((folder) => list(folder, /^lvp_icd.*\.json$/));
  // Vulkan 1.4 came with Mesa 25. Debian 12 ships 22.3, whose llvmpipe has no shader-f16.
  return files.find((file) => Number.parseFloat(readIcd(file).api_version) >= 1.4) ?? null;
}

function findSwiftshader(chromium) {
  const folders = [
    ...(chromium ? [dirname(realpathSync(chromium))] : []),
    '/usr/lib/chromium',
    '/usr/lib64/chromium-browser',
    '/opt/google/chrome',
  ];
  const files = folders.map((folder) => join(folder, 'vk_swiftshader_icd.json'));
  return files.find((file) => existsSync(file) && existsSync(join(dirname(file), readIcd(file).library_path))) ?? null;
}

function findChromium() {
  if (process.env.WANSCOPE_CHROMIUM) return process.env.WANSCOPE_CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const mac = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  const windows = [process.env.PROGRAMFILES, process.env.LOCALAPPDATA]
    .filter(Boolean)
    .map((folder) => join(folder, 'Google/Chrome/Application/chrome.exe'));
  return [...onPath, ...mac, ...windows, ...playwrightBrowsers()].find((file) => existsSync(file)) ?? null;
}

/** What `npx playwright install chromium` left behind: <cache>/chromium-1234/chrome-linux64/chrome and the like. */
function playwrightBrowsers() {
  const cache =
    process.env.PLAYWRIGHT_BROWSERS_PATH ??
    {
      linux: join(homedir(), '.cache/ms-playwright'),
      darwin: join(homedir(), 'Library/Caches/ms-playwright'),
      win32: join(process.env.LOCALAPPDATA ?? '', 'ms-playwright'),
    }[process.platform];
  const macNames = ['Google Chrome for Testing', 'Chromium'];
  const programs = ['chrome', 'chrome.exe', ...macNames.map((name) => `${name}.app/Contents/MacOS/${name}`)];
  return list(cache ?? '', /^chromium-\d+$/)
    .flatMap((browser) => list(browser, /^chrome-/))
    .flatMap((folder) => programs.map((program) => join(folder, program)));
}

function list(folder, pattern) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => pattern.test(name));
  return names.map((name) => join(folder, name));
}

const readIcd = (file) => JSON.parse(readFileSync(file, 'utf8')).ICD;

/** Finds the adapters; where some are missing and apt is there, installs them. Returns what is there in the end. */
export function setupAdapters({ dryRun = false, say = console.log } = {}) {
  const found = findAdapters();
  const complete = found.llvmpipeIcd && found.swiftshaderIcd && found.chromium;
  if (!complete && process.platform === 'linux' && existsSync('/usr/bin/apt-get')) install(found, { dryRun, say });
  const now = complete || dryRun ? found : findAdapters();
  for (const line of describe(now)) say(line);
  return now;
}

function install(found, { dryRun, say }) {
  const commands = installCommands(found);
  const root = process.getuid() === 0;
  const asRoot = ['env', 'DEBIAN_FRONTEND=noninteractive', 'sh', '-c'];
  const mayInstall = root || spawnSync('sudo', ['-n', 'true']).status === 0;
  say(`Some test adapters are missing. ${dryRun || !mayInstall ? 'As root, run' : 'Running'}:`);
  for (const command of commands) {
    say(`  ${command}`);
    if (dryRun || !mayInstall) continue;
    const [program, ...args] = root ? [...asRoot, command] : ['sudo', '-n', ...asRoot, command];
    const { status, stdout, stderr } = spawnSync(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    // Go on: one missing package must not cost the others.
    if (status !== 0) say(`  failed (${status}):\n${(stdout + stderr).trim().split('\n').slice(-5).join('\n')}`);
  }
}

function installCommands(found) {
  const { ID = '', VERSION_CODENAME = '' } = osRelease();
  const debian = ID === 'debian';
  const apt = 'apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=120';
  const commands = [];
  // Debian 12's own Mesa is too old, its backports carry 25.
  const backports = debian && VERSION_CODENAME === 'bookworm' && !found.llvmpipeIcd ? 'bookworm-backports' : null;
  if (backports && !aptSources().includes(backports)) {
    const mirror = aptSources().match(/https?:\/\/\S+\/debian\/?(?=\s|$)/)?.[0] ?? 'http://deb.debian.org/debian';
    commands.push(`echo 'deb ${mirror} ${backports} main' > /etc/apt/sources.list.d/${backports}.list`);
  }
  commands.push('apt-get update -q');
  const from = backports ? `-t ${backports} ` : '';
  if (!found.llvmpipeIcd) commands.push(`${apt} ${from}mesa-vulkan-drivers libvulkan1`);
  // Ubuntu's chromium is a snap, which brings no SwiftShader file and starts in no container.
  if (debian && !(found.swiftshaderIcd && found.chromium)) commands.push(`${apt} chromium`);
  // Only screenshots of the Chinese page need it.
  if (!existsSync('/usr/share/fonts/opentype/noto')) commands.push(`${apt} fonts-noto-cjk`);
  return commands;
}

function osRelease() {
  const lines = readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?([^"\n]*)"?$/gm);
  return Object.fromEntries([...lines].map(([, key, value]) => [key, value]));
}

function aptSources() {
  const files = ['/etc/apt/sources.list', ...list('/etc/apt/sources.list.d', /\.(list|sources)$/)];
  const text = files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'));
  return text.join('\n').replace(/^#.*$/gm, '');
}

function describe({ llvmpipeIcd, swiftshaderIcd, chromium }) {
  const browserAdvice = 'not found: install Chrome or Chromium, or run: npx playwright install --with-deps chromium';
  const lines = [`browser      ${chromium ?? browserAdvice}`];
  if (process.platform !== 'linux') return lines;
  return [
    `llvmpipe     ${llvmpipeIcd ?? 'not found: needs Mesa 25 or newer (package mesa-vulkan-drivers, or vulkan-swrast)'}`,
    `SwiftShader  ${swiftshaderIcd ?? 'not found: it comes with Chromium (vk_swiftshader_icd.json beside the program)'}`,
    ...lines,
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { llvmpipeIcd, swiftshaderIcd, chromium } = setupAdapters({ dryRun: process.argv.includes('--dry-run') });
  process.exitCode = llvmpipeIcd && swiftshaderIcd && chromium ? 0 : 1;
}
