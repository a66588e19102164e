import { createFactory } from '@nsinit/libcontainer';

/** `nsinit init`: becomes the executor of a start. Does not return, unless nobody has started it for that. */
export async function run(): Promise<number> {
  const factory = await createFactory('');
  return factory.startInitialization();
}
