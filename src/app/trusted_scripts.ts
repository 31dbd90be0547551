/** Trusted Types: which strings may become a script's address. None may become markup or code. */

/** The part of the browser's interface that is used; TypeScript has no types of it. */
interface TrustedTypes {
  createPolicy(name: 'default', rules: { createScriptURL(address: string): string | null }): unknown;
}

/**
 * Lets workers start from the page's own folder and from nowhere else. The default policy, since vite finds workers
 * only where their plain address stands. Call it once, before the first worker; nothing happens where there are no
 * Trusted Types.
 */
export function trustOwnScripts(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const folder = new URL('.', document.baseURI).href;
  trustedTypes?.createPolicy('default', {
    createScriptURL: (address) => (new URL(address, folder).href.startsWith(folder) ? address : null),
  });
}
