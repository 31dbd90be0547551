/** Who may ask a server on this machine: programs, and pages that this machine served. Pages from elsewhere may not. */
import type { IncomingHttpHeaders } from 'node:http';

const HERE = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

const isHere = (address: string) => URL.canParse(address) && HERE.test(new URL(address).hostname);

/**
 * By the request's `Origin`, which programs need not send, and by its `Host`: a stranger's name may be made to lead here.
 * After the redirect to a signed address a browser says `null`, whoever asked; whoever has that address was let in before.
 */
export function isFromHere({ origin, host }: IncomingHttpHeaders, path: string): boolean {
  if (!isHere(`http://${host}`)) return false;
  return origin === undefined || isHere(origin) || (origin === 'null' && path.startsWith('/cdn/'));
}
