import { ContainerError } from '../errors.ts';

const pattern = /^\w{1,1024}$/;

/**
 * Refuses an id that is not letters, digits and underscores, 1 to 1024 of them: an id becomes a directory's name, so
 * it is checked wherever one comes in.
 *
 * @throws {ContainerError} InvalidIdFormat
 */
export function checkId(id: string): void {
  if (!pattern.test(id))
    throw new ContainerError('InvalidIdFormat', `Invalid id format: ${id}`, {
      hint: 'an id is 1 to 1024 letters, digits and underscores',
    });
}
