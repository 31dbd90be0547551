/** Opens what is folded where something in it is wrong. It is never folded up again under the reader's hands. */
import { ref } from 'lit/directives/ref.js';

export const openWhere = (isWrong: boolean) =>
  ref((details) => {
    if (isWrong && details) (details as HTMLDetailsElement).open = true;
  });
