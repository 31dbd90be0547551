/**
 * The pickle inside a PyTorch checkpoint, read as data.
 *
 * A pickle is a program for a stack machine that may call any Python function. Here nothing is ever called: only the
 * opcodes that write a dictionary of tensors are known, and only the names in `torch_objects.ts` are allowed.
 * Everything else is refused by name. Opcodes: CPython's `pickletools.py`.
 */
import { global, invalid, nameOf, type Pickled, reduce, setItem, storage, utf8 } from './torch_objects';

/**
 * Lists, dictionaries, texts and all else that takes memory of its own: a byte may make one of 240 bytes. Of 10,000 tensors,
 * each written out in full, there are fewer than 20 for each; as many may be stored to be recalled.
 */
const MAX_OBJECTS = 200_000;
/** Counts of elements take up to five bytes. */
const MAX_LONG_BYTES = 16;

/** Throws file-invalid, naming what it refuses. Takes time and memory in proportion to the bytes. */
export function readPickle(bytes: Uint8Array): Pickled {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stack: Pickled[] = [];
  /** Where the stack was at each mark that is open. */
  const marks: number[] = [];
  const memo = new Map<number, Pickled>();
  let position = 0;
  let objects = 0;

  function made<T extends Pickled>(object: T): T {
    if (++objects > MAX_OBJECTS)
      throw invalid(`its pickle makes more than ${MAX_OBJECTS} lists, texts and others by byte ${position}`);
    return object;
  }
  function store(index: number): void {
    memo.set(index, top());
    if (memo.size > MAX_OBJECTS) throw invalid(`its pickle stores more than ${MAX_OBJECTS} by byte ${position}`);
  }

  function take(length: number): number {
    if (position + length > bytes.length)
      throw invalid(`its pickle goes on to byte ${position + length}, but ends at ${bytes.length}`);
    position += length;
    return position - length;
  }
  const u8 = () => bytes[take(1)]!;
  const u16 = () => view.getUint16(take(2), true);
  const u32 = () => view.getUint32(take(4), true);

  function text(length: number): string {
    const begin = take(length);
    return utf8(bytes.subarray(begin, begin + length));
  }
  function line(): string {
    const end = bytes.indexOf(10, position);
    if (end < 0) throw invalid('its pickle ends within a name');
    const found = text(end - position);
    take(1);
    return found;
  }
  /** Little-endian two's complement of any length; here only counts and sizes are written so. */
  function long(): number {
    const length = u8();
    if (length > MAX_LONG_BYTES)
      throw invalid(`its pickle has a number of ${length} bytes, at most ${MAX_LONG_BYTES} are read`);
    const begin = take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[begin + i]!);
    const signed = Number(BigInt.asIntN(8 * length, value));
    if (!Number.isSafeInteger(signed)) throw invalid(`its pickle has the number ${signed}, beyond 2⁵³`);
    return signed;
  }
  function pop(): Pickled {
    const value = stack.length > (marks.at(-1) ?? 0) ? stack.pop() : undefined;
    if (value === undefined) throw invalid(`its pickle takes more than there is, at byte ${position}`);
    return value;
  }
  /** Takes the `count` last. */
  const last = (count: number) => Array.from({ length: count }, pop).reverse();
  function sinceMark(): Pickled[] {
    const mark = marks.pop();
    if (mark === undefined) throw invalid(`its pickle ends a list that it never began, at byte ${position}`);
    return stack.splice(mark);
  }
  const top = () => {
    const value = pop();
    stack.push(value);
    return value;
  };
  function recall(index: number): Pickled {
    const value = memo.get(index);
    if (value === undefined) throw invalid(`its pickle asks for ${index}, which it never stored`);
    return value;
  }
  function setItems(pairs: readonly Pickled[]): void {
    const target = top();
    if (!(target instanceof Map) || pairs.length % 2) throw invalid(`its pickle sets items of ${nameOf(target)}`);
    for (let i = 0; i < pairs.length; i += 2) setItem(target, pairs[i]!, pairs[i + 1]!);
  }
  function append(items: readonly Pickled[]): void {
    const target = top();
    if (!Array.isArray(target)) throw invalid(`its pickle appends to ${nameOf(target)}`);
    for (const item of items) target.push(item);
  }

  for (;;) {
    const at = position;
    const opcode = u8();
    switch (opcode) {
      case 0x80: {
        const protocol = u8();
        if (protocol > 5) throw invalid(`its pickle has protocol ${protocol}, at most 5 is read`);
        break;
      }
      case 0x95: // FRAME
        take(8);
        break;
      case 0x2e: // STOP
        return pop();
      case 0x28: // MARK
        marks.push(stack.length);
        break;
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        stack.push(opcode === 0x88);
        break;
      case 0x4b: // BININT1
        stack.push(u8());
        break;
      case 0x4d: // BININT2
        stack.push(u16());
        break;
      case 0x4a: // BININT
        stack.push(view.getInt32(take(4), true));
        break;
      case 0x8a: // LONG1
        stack.push(long());
        break;
      case 0x47: // BINFLOAT
        stack.push(view.getFloat64(take(8)));
        break;
      case 0x58: // BINUNICODE
        stack.push(made(text(u32())));
        break;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(made(text(u8())));
        break;
      case 0x29: // EMPTY_TUPLE
      case 0x5d: // EMPTY_LIST
        stack.push(made([]));
        break;
      case 0x74: // TUPLE
        stack.push(made(sinceMark()));
        break;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        stack.push(made(last(opcode - 0x84)));
        break;
      case 0x61: // APPEND
        append(last(1));
        break;
      case 0x65: // APPENDS
        append(sinceMark());
        break;
      case 0x7d: // EMPTY_DICT
        stack.push(made(new Map()));
        break;
      case 0x73: // SETITEM
        setItems(last(2));
        break;
      case 0x75: // SETITEMS
        setItems(sinceMark());
        break;
      case 0x71: // BINPUT
        store(u8());
        break;
      case 0x72: // LONG_BINPUT
        store(u32());
        break;
      case 0x94: // MEMOIZE
        store(memo.size);
        break;
      case 0x68: // BINGET
        stack.push(recall(u8()));
        break;
      case 0x6a: // LONG_BINGET
        stack.push(recall(u32()));
        break;
      case 0x63: // GLOBAL
        stack.push(made(global(line(), line())));
        break;
      case 0x93: // STACK_GLOBAL
        stack.push(made(global(...(last(2) as [Pickled, Pickled]))));
        break;
      case 0x51: // BINPERSID
        stack.push(made(storage(pop())));
        break;
      case 0x52: // REDUCE
        stack.push(made(reduce(...(last(2) as [Pickled, Pickled]))));
        break;
      case 0x62: {
        // BUILD: the attributes of a dictionary, such as PyTorch's `_metadata`, say nothing about tensors.
        pop();
        const target = top();
        if (!(target instanceof Map)) throw invalid(`its pickle sets the state of ${nameOf(target)}`);
        break;
      }
      default:
        throw invalid(
          `its pickle uses opcode 0x${opcode.toString(16).padStart(2, '0')} at byte ${at}, which no dictionary of tensors needs. Nothing of it was run`,
        );
    }
  }
}
