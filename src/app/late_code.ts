/**
 * Code that is loaded when it is first needed, and asked for again after a failure. Some browsers keep a failed import for
 * as long as the page lives (Chromium 150 does, 156 does not): the same address then fails without a request, so it is
 * asked for under another.
 */

/** Failures by address. */
const failures = new Map<string, number>();

/** What `load`, an `import()`, gives. Rejects as it does; the next call tries anew. */
export async function lateCode<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    // Chromium and Firefox name the address; what others keep, nobody can tell.
    const address = /https?:\S+\.js/.exec(String(error))?.[0];
    if (address === undefined) throw error;
    const before = failures.get(address) ?? 0;
    failures.set(address, before + 1);
    if (before === 0) throw error;
    return (await import(/* @vite-ignore */ `${address}?again=${before}`)) as Module;
  }
}
