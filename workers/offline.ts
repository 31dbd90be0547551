/**
 * The service worker of the published page: keeps the app's own files, so that a later visit needs no network. Weights,
 * parts of files, and all that is of other origins pass it by. With a network, a visit gets what the host has now.
 */

/** What of a service worker's scope is used here: TypeScript's own types of it do not go together with a page's. */
interface LifeEvent {
  waitUntil(work: Promise<unknown>): void;
}
interface FetchEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}
interface Scope {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: 'install' | 'activate', listener: (event: LifeEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}
const scope = self as unknown as Scope;

/** Of the build (scripts/published_app.ts): the files from this one's folder, './' for the page, each with its hash. */
declare const FILES: Readonly<Record<string, string>>;
/** What the scripts among them are kept with. */
declare const SCRIPT_HEADERS: Readonly<Record<string, string>>;
/** A hash of both. */
declare const VERSION: string;

const home = scope.registration.scope;
/** A name in here has a hash in it, and means the same for ever. */
const ASSETS = `${home}assets/`;
/** Other pages of the same host, and this one at other paths, have their caches in the same place. */
const OWN = `wanscope ${home} `;
const CACHE = OWN + VERSION;
const kept = new Map(Object.entries(FILES).map(([file, integrity]) => [new URL(file, home).href, integrity]));

/**
 * All of them or none, and only as they were built: a host that is being given a new version has parts of two. It fails
 * then, and the browser tries it again with a later visit.
 */
async function keepFiles(): Promise<void> {
  const responses = await Promise.all([...kept].map(([address, integrity]) => askFor(address, integrity)));
  const cache = await caches.open(CACHE);
  await Promise.all([...kept.keys()].map((address, i) => cache.put(address, responses[i]!)));
}

/**
 * 'no-cache' asks the host whether what the browser has from this visit is still right. A script is kept with the headers
 * of its build: the page comes from the host, where they may have changed since, and refuses workers that lack its own.
 */
async function askFor(address: string, integrity: string): Promise<Response> {
  const response = await fetch(address, { cache: 'no-cache', integrity });
  if (!address.startsWith(ASSETS)) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(SCRIPT_HEADERS)) headers.set(name, value);
  return new Response(response.body, { headers });
}

const otherVersions = async () => (await caches.keys()).filter((name) => name.startsWith(OWN) && name !== CACHE);

/** The page of a first visit is taken over as it is: what it loads hours later may no longer be on the host. */
async function takeOver(): Promise<void> {
  await Promise.all((await otherVersions()).map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/** The kept file that answers `request`, if one may. */
function keptFor({ method, mode, headers, url }: Request): string | null {
  if (method !== 'GET' || headers.has('range')) return null;
  const address = new URL(url);
  address.hash = '';
  if (mode === 'navigate') {
    address.search = '';
    if (address.href === `${home}index.html`) return home;
  }
  return kept.has(address.href) || address.href.startsWith(ASSETS) ? address.href : null;
}

/** Hosts vary by what these answers do not depend on, such as the origin that asks. */
const fromCache = (address: string, cacheName = CACHE) => caches.match(address, { cacheName, ignoreVary: true });

/** A page may be newer than the worker that rules it; what it names, the waiting worker has. */
async function fromAnyVersion(address: string): Promise<Response | undefined> {
  for (const name of [CACHE, ...(await otherVersions())]) {
    const response = await fromCache(address, name);
    if (response) return response;
  }
  return undefined;
}

/** After it, what is kept is better than to wait on: some networks swallow what is asked instead of refusing it. */
const PATIENCE_MS = 4000;

/** What other names mean than those of ASSETS, the host knows best while it answers soon, and not with its own failure. */
async function answer(request: Request, address: string): Promise<Response> {
  if (address.startsWith(ASSETS)) return (await fromAnyVersion(address)) ?? fetch(request);
  const asked = fetch(request);
  const late = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const response = await Promise.race([asked, late]).catch(() => null);
  if (response && response.status < 500) return response;
  return (await fromCache(address)) ?? asked;
}

// A new version waits until no page of the old one is open, which may still ask for files that only it has.
scope.addEventListener('install', (event) => event.waitUntil(keepFiles()));
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()));
scope.addEventListener('fetch', (event) => {
  const address = keptFor(event.request);
  if (address) event.respondWith(answer(event.request, address));
});
