/**
 * Users and groups as passwd and group files tell them, and the rules by which `user:group` becomes the ids of a process.
 *
 * @packageDocumentation
 */
export { getAdditionalGroups, getAdditionalGroupsPath } from './additional-groups.ts';
export { UserError, type UserErrorCode } from './error.ts';
export { type ExecUser, getExecUser, getExecUserPath, type UserPaths, type UserSources } from './exec-user.ts';
export { getGroup, getGroupPath, getPasswd, getPasswdPath, parseGroupFile, parsePasswdFile } from './file.ts';
export { type Group, type GroupEntry, isGroup, parseGroup } from './group.ts';
export { MAX_ID, MIN_ID } from './id.ts';
export { currentGroup, currentUser, lookupGid, lookupGroup, lookupUid, lookupUser } from './lookup.ts';
export { isUser, type PasswdEntry, parsePasswd, type User } from './passwd.ts';
