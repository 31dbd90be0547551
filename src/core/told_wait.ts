/** How long a server that is asked too much wants to be left alone. */

/**
 * Seconds a server asks to wait: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else the `t` of a
 * `RateLimit` header (draft-ietf-httpapi-ratelimit-headers), or the `reset` of its older form.
 */
export function toldWait(headers: Headers, nowMs = Date.now()): number | undefined {
  const after = headers.get('retry-after')?.trim();
  if (after) {
    const seconds = /^\d+(\.\d+)?$/.test(after) ? Number(after) : (Date.parse(after) - nowMs) / 1000;
    if (!Number.isNaN(seconds)) return Math.max(0, seconds);
  }
  const reset = /(?:^|[;,\s])(?:t|reset)\s*=\s*"?(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  return reset === undefined ? undefined : Number(reset);
}
