/** Browsers slow hidden tabs down, so a result says when its tab was one. */

/** Begins to watch. The returned function ends it, and tells whether the tab was hidden at any time since. */
export function watchHidden(): () => boolean {
  let wasHidden = document.visibilityState === 'hidden';
  const watch = new AbortController();
  const look = () => {
    wasHidden ||= document.visibilityState === 'hidden';
  };
  document.addEventListener('visibilitychange', look, { signal: watch.signal });
  return () => {
    watch.abort();
    return wasHidden;
  };
}
