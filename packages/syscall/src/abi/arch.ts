/** The architectures that programs can be built for: Node's names for them. */
export const architectures = ['x64', 'arm64'] as const;

/** One of {@link architectures}. */
export type Arch = (typeof architectures)[number];

/**
 * The architecture of the running process.
 *
 * @throws {Error} on an architecture without tables of ours.
 */
export function hostArch(): Arch {
  const arch = process.arch;
  if (arch === 'x64' || arch === 'arm64') return arch;
  throw new Error(`architecture ${arch} is not supported: nsinit has tables for ${architectures.join(' and ')}`);
}

/** A constant that is the same everywhere, or one value per architecture in the order x64, arm64. */
export type PerArch = number | readonly [x64: number, arm64: number];

/** The value of a constant on one architecture. */
export function forArch(value: PerArch, arch: Arch): number {
  return typeof value === 'number' ? value : value[arch === 'x64' ? 0 : 1];
}
