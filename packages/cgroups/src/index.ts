/**
 * Linux control groups: v1, v2, hybrid hosts and systemd behind one interface, with statistics, freezer, device rules
 * and events. See cgroups(7).
 *
 * @packageDocumentation
 */

export { CgroupfsManager } from './cgroupfs/manager.ts';
