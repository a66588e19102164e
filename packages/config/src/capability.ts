/** Capabilities by number, see capabilities(7); the last one came with kernel 5.9. */
export const CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_DAC_READ_SEARCH',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETPCAP',
  'CAP_LINUX_IMMUTABLE',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_BROADCAST',
  'CAP_NET_ADMIN',
  'CAP_NET_RAW',
  'CAP_IPC_LOCK',
  'CAP_IPC_OWNER',
  'CAP_SYS_MODULE',
  'CAP_SYS_RAWIO',
  'CAP_SYS_CHROOT',
  'CAP_SYS_PTRACE',
  'CAP_SYS_PACCT',
  'CAP_SYS_ADMIN',
  'CAP_SYS_BOOT',
  'CAP_SYS_NICE',
  'CAP_SYS_RESOURCE',
  'CAP_SYS_TIME',
  'CAP_SYS_TTY_CONFIG',
  'CAP_MKNOD',
  'CAP_LEASE',
  'CAP_AUDIT_WRITE',
  'CAP_AUDIT_CONTROL',
  'CAP_SETFCAP',
  'CAP_MAC_OVERRIDE',
  'CAP_MAC_ADMIN',
  'CAP_SYSLOG',
  'CAP_WAKE_ALARM',
  'CAP_BLOCK_SUSPEND',
  'CAP_AUDIT_READ',
  'CAP_PERFMON',
  'CAP_BPF',
  'CAP_CHECKPOINT_RESTORE',
] as const;

/** Name of a capability that this package knows. */
export type CapabilityName = (typeof CAPABILITIES)[number];

/** The five sets of a process, see capabilities(7). An undefined set is empty. */
export interface CapabilitySets {
  readonly bounding?: readonly string[];
  readonly effective?: readonly string[];
  readonly permitted?: readonly string[];
  /** Empty unless asked for: an inheritable set lets any file with inheritable bits regain a capability. */
  readonly inheritable?: readonly string[];
  readonly ambient?: readonly string[];
}

/**
 * What a process keeps. A list stands for the bounding, effective and permitted sets; inheritable and ambient stay
 * empty. Names are taken in any case, with or without the prefix `CAP_`.
 */
export type Capabilities = readonly string[] | CapabilitySets;

const KNOWN: ReadonlySet<string> = new Set(CAPABILITIES);

/** `chown`, `CHOWN` and `cap_chown` all give `CAP_CHOWN`. The name need not be known. */
export function normaliseCapability(name: string): string {
  const upper = name.toUpperCase();
  return upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
}

/** True when the normalised name is one of {@link CAPABILITIES}. */
export function isCapability(name: string): name is CapabilityName {
  return KNOWN.has(name);
}

/**
 * The five sets with normalised names and without repetitions. Undefined keeps nothing, as an empty list does.
 * Names are not checked: validation does that.
 */
export function capabilitySets(capabilities: Capabilities | undefined): Required<CapabilitySets> {
  const normalise = (names: readonly string[] = []): readonly string[] => [...new Set(names.map(normaliseCapability))];
  if (isCapabilityList(capabilities)) {
    const kept = normalise(capabilities);
    return { bounding: kept, effective: kept, permitted: kept, inheritable: [], ambient: [] };
  }
  return {
    bounding: normalise(capabilities?.bounding),
    effective: normalise(capabilities?.effective),
    permitted: normalise(capabilities?.permitted),
    inheritable: normalise(capabilities?.inheritable),
    ambient: normalise(capabilities?.ambient),
  };
}

/** Tells the list form from the form with five sets. */
export function isCapabilityList(capabilities: Capabilities | undefined): capabilities is readonly string[] {
  return Array.isArray(capabilities);
}
