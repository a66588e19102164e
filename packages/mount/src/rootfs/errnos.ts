import { errnos } from '@nsinit/syscall';

/** Error numbers of reports that a program makes by itself. */
export const { ECANCELED, EEXIST, EISDIR, ENODEV, ENOENT, ENOTDIR } = errnos;
