import fc from 'fast-check';
import { CAPABILITIES } from './capability.ts';
import { FREEZER_STATES } from './cgroup.ts';
import type { Config } from './config.ts';
import { DEVICE_TYPES } from './device.ts';
import { INT64_MAX, INT64_MIN, int64, UINT64_MAX } from './integers.ts';
import {
  LANDLOCK_FILE_GROUPS,
  LANDLOCK_FILE_RIGHTS,
  LANDLOCK_LOG_FLAGS,
  LANDLOCK_MODES,
  LANDLOCK_PORT_RIGHTS,
  LANDLOCK_SCOPES,
} from './landlock.ts';
import { NAMESPACE_TYPES } from './namespaces.ts';
import { RLIMITS, type RlimitName } from './rlimit.ts';
import { SECCOMP_PROFILES } from './seccomp.ts';
import {
  OCI_SECCOMP_ACTIONS,
  OCI_SECCOMP_OPERATORS,
  type OciSeccompCondition,
  type SeccompProfile,
} from './seccomp-profile.ts';

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' });
const texts = fc.array(fc.string({ maxLength: 8, unit: 'binary' }), { maxLength: 3 });
const uint32 = fc.nat({ max: 0xffff_ffff });
const positive = fc.integer({ min: 1, max: 0x7fff_ffff });
const unsigned64 = fc.bigInt({ min: 0n, max: UINT64_MAX }).map(int64);
const limit = fc
  .bigInt({ min: INT64_MIN, max: INT64_MAX })
  .filter((value) => value !== 0n)
  .map(int64);
const several = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 3 });
const dictionary = fc.dictionary(fc.string({ maxLength: 8 }), fc.string(), { maxKeys: 3, noNullPrototype: true });
const caps = fc.subarray([...CAPABILITIES]);

/** An object whose listed properties are always there and whose others may be missing, never undefined. */
const shape = <T extends object>(required: object, rest: object): fc.Arbitrary<T> =>
  fc.record(
    { ...required, ...rest },
    { requiredKeys: Object.keys(required) as never[] },
  ) as fc.Arbitrary<unknown> as fc.Arbitrary<T>;

const idMap = fc.record({ containerId: uint32, hostId: uint32, size: uint32 });
const command = shape({ path: text }, { args: texts, env: texts, dir: text });
const numbers = { major: fc.integer({ min: -1, max: 4095 }), minor: fc.integer({ min: -1, max: 4095 }) };
const owner = { fileMode: uint32, uid: uint32, gid: uint32 };
const permissions = fc.constantFrom('', 'r', 'rw', 'rwm');

const mount = shape(
  { source: fc.string(), destination: text, device: text, flags: uint32 },
  {
    data: text,
    relabel: fc.constantFrom('z', 'Z'),
    premountCmds: several(command),
    postmountCmds: several(command),
    idmap: fc.constantFrom('idmap', 'ridmap'),
    uidMappings: several(idMap),
    gidMappings: several(idMap),
  },
);
const device = shape({ type: fc.constantFrom(...DEVICE_TYPES), path: text, permissions, ...numbers }, owner);
const rule = shape(
  { type: fc.constantFrom(...DEVICE_TYPES, 'a'), permissions, ...numbers },
  {
    path: text,
    ...owner,
  },
);

const port = fc.integer({ min: 1, max: 65_535 });
const network = shape(
  { type: text },
  {
    name: text,
    link: text,
    mode: text,
    bridge: text,
    createBridge: fc.boolean(),
    masquerade: fc.boolean(),
    macAddress: text,
    address: text,
    gateway: text,
    ipv6Address: text,
    ipv6Gateway: text,
    mtu: positive,
    txQueueLen: positive,
    hostInterfaceName: text,
    hairpinMode: fc.boolean(),
    program: text,
    ports: several(shape({ hostPort: port, containerPort: port }, { protocol: text, hostAddress: text })),
    dns: text,
    hostLoopback: fc.boolean(),
  },
);

const cgroups = shape(
  {},
  {
    name: text,
    parent: text,
    allowAllDevices: fc.boolean(),
    allowedDevices: several(rule),
    deniedDevices: several(rule),
    memory: limit,
    memoryReservation: limit,
    memorySwap: limit,
    kernelMemory: limit,
    kernelMemoryTcp: limit,
    memoryCheckBeforeUpdate: fc.boolean(),
    oomKillDisable: fc.boolean(),
    memorySwappiness: fc.integer({ min: -1, max: 100 }),
    cpuShares: limit,
    cpuQuota: limit,
    cpuPeriod: limit,
    cpuBurst: limit,
    cpuIdle: fc.nat({ max: 1 }),
    cpuRtRuntime: limit,
    cpuRtPeriod: limit,
    cpusetCpus: text,
    cpusetMems: text,
    pidsLimit: fc.bigInt({ min: -1n, max: INT64_MAX }).map(int64),
    blkioThrottleReadBpsDevice: text,
    blkioThrottleWriteBpsDevice: text,
    blkioThrottleReadIopsDevice: text,
    blkioThrottleWriteIopsDevice: text,
    blkioWeight: positive,
    blkioLeafWeight: positive,
    blkioWeightDevice: text,
    freezer: fc.constantFrom(...FREEZER_STATES),
    hugetlbLimit: several(fc.record({ pageSize: text, limit: unsigned64 })),
    rdma: several(shape({ device: text }, { hcaHandles: positive, hcaObjects: positive })),
    unified: dictionary,
    slice: text,
    netPrioIfpriomap: several(fc.record({ interface: text, priority: uint32 })),
    netClsClassid: text,
  },
);

const seccompArg = fc.record({ index: fc.nat({ max: 5 }), value: unsigned64, op: fc.nat({ max: 4 }) });
const seccompSyscall = shape(
  { value: fc.oneof(fc.nat(), text), action: fc.integer({ min: -3, max: 4095 }) },
  { args: several(seccompArg) },
);

const seccompAction = fc.constantFrom(...OCI_SECCOMP_ACTIONS);
const seccompCondition = shape<OciSeccompCondition>({}, { caps: texts, arches: texts, minKernel: text });
const seccompProfile = shape<SeccompProfile>(
  { defaultAction: seccompAction },
  {
    defaultErrnoRet: fc.nat({ max: 0xffff }),
    architectures: texts,
    archMap: several(shape({ architecture: text }, { subArchitectures: texts })),
    flags: texts,
    listenerPath: text,
    listenerMetadata: text,
    syscalls: several(
      shape(
        { action: seccompAction },
        {
          names: texts,
          name: text,
          errnoRet: fc.nat({ max: 0xffff }),
          args: several(
            shape(
              { index: fc.nat({ max: 5 }), value: unsigned64, op: fc.constantFrom(...OCI_SECCOMP_OPERATORS) },
              { valueTwo: unsigned64 },
            ),
          ),
          comment: text,
          includes: seccompCondition,
          excludes: seccompCondition,
        },
      ),
    ),
  },
);

const landlock = shape(
  {},
  {
    mode: fc.constantFrom(...LANDLOCK_MODES),
    abi: positive,
    handledFiles: fc.subarray([...LANDLOCK_FILE_RIGHTS]),
    handledPorts: fc.subarray([...LANDLOCK_PORT_RIGHTS]),
    paths: several(
      shape(
        { paths: texts, access: fc.subarray([...LANDLOCK_FILE_RIGHTS, ...LANDLOCK_FILE_GROUPS]) },
        { optional: fc.boolean() },
      ),
    ),
    ports: several(fc.record({ port: fc.nat({ max: 0xffff }), access: fc.subarray([...LANDLOCK_PORT_RIGHTS]) })),
    scopes: fc.subarray([...LANDLOCK_SCOPES]),
    log: fc.subarray([...LANDLOCK_LOG_FLAGS]),
  },
);

/** Configurations in the form that the parser gives: every field, none of them in a form that means "not set". */
export const configArbitrary: fc.Arbitrary<Config> = shape<Config>(
  { rootfs: text },
  {
    noPivotRoot: fc.boolean(),
    parentDeathSignal: fc.integer({ min: 1, max: 64 }),
    pivotDir: text,
    readonlyFs: fc.boolean(),
    privateFs: fc.boolean(),
    idmapRootfs: fc.boolean(),
    mounts: several(mount),
    devices: several(device),
    mountLabel: text,
    hostname: text,
    domainname: text,
    namespaces: several(shape({ type: fc.constantFrom(...NAMESPACE_TYPES) }, { path: text })),
    capabilities: fc.oneof(
      caps,
      shape({}, { bounding: caps, effective: caps, permitted: caps, inheritable: caps, ambient: caps }),
    ),
    networks: several(network),
    routes: several(shape({}, { destination: text, source: text, gateway: text, interfaceName: text })),
    annotations: dictionary,
    cgroups,
    apparmorProfile: text,
    processLabel: text,
    rlimits: several(
      fc.record({
        type: fc.oneof(fc.constantFrom(...(Object.keys(RLIMITS) as RlimitName[])), fc.nat({ max: 15 })),
        soft: unsigned64,
        hard: unsigned64,
      }),
    ),
    additionalGroups: texts,
    uidMappings: several(idMap),
    gidMappings: several(idMap),
    maskPaths: texts,
    readonlyPaths: texts,
    systemProperties: dictionary,
    seccomp: fc.oneof(
      fc.record({ syscalls: several(seccompSyscall) }),
      seccompProfile,
      fc.constantFrom(...SECCOMP_PROFILES),
    ),
    landlock,
    noNewPrivileges: fc.boolean(),
    oomScoreAdj: fc.integer({ min: -1000, max: 1000 }),
    umask: fc.nat({ max: 0o777 }),
    process: shape({}, { args: texts, env: texts, user: text, cwd: text, tty: fc.boolean() }),
  },
);
