/**
 * Security modules for Node.js: AppArmor profiles and SELinux labels, read, checked, loaded, and put on processes before they
 * execute.
 *
 * @packageDocumentation
 */

export { compileExecProfile, type ExecProfileOptions } from './apparmor/exec.ts';
export { type LoadOptions, loadProfiles, unloadProfiles } from './apparmor/load.ts';
export { checkProfileName } from './apparmor/profile-name.ts';
export {
  type AppArmorFiles,
  type AppArmorSupport,
  appArmorSupport,
  type LoadedProfile,
  loadedProfiles,
  type ProfileMode,
  parseConfinement,
  profileOf,
} from './apparmor/support.ts';
export { type ContainerProfileOptions, containerProfile } from './apparmor/template.ts';
export { LsmError } from './error.ts';
export {
  type ContainerLabels,
  containerLabels,
  copyLevel,
  type LabelRequest,
  parseLabelOptions,
} from './selinux/container-labels.ts';
export {
  disableOptions,
  duplicateOptions,
  formatContext,
  formatMountLabel,
  parseContext,
  type SelinuxContext,
} from './selinux/context.ts';
export { compileLabel, LABEL_TARGETS, type LabelOptions, type LabelTarget } from './selinux/exec.ts';
export type { SelinuxFiles } from './selinux/files.ts';
export {
  levelOfId,
  type Reservation,
  releaseLevel,
  reservedLevels,
  reserveLevel,
  reserveUniqueLevel,
} from './selinux/levels.ts';
export { fileLabel, relabel, setFileLabel } from './selinux/relabel.ts';
export {
  checkLabel,
  configuredSelinuxMode,
  processLabel,
  type SelinuxMode,
  type SelinuxSupport,
  selinuxMode,
  selinuxSupport,
  setThreadLabel,
  threadLabel,
} from './selinux/support.ts';
