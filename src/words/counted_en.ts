/** '1 tensor', '2 tensors': in English the word goes by its number. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
