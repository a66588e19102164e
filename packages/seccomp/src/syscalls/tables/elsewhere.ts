/**
 * System calls that only other architectures have, of Debian's linux-libc-dev 7.3.4-1~bpo13+1.
 * Written by scripts/syscall-tables.mjs.
 */
export const elsewhere = `
arc_gettls arc_settls arc_usr_cmpxchg atomic_barrier atomic_cmpxchg_32 cachectl dipc exec_with_loader execv
getdomainname getdtablesize gethostname getpagesize getxgid getxpid getxuid kern_features llseek multiplexer
old_adjtimex oldumount perfctr riscv_flush_icache riscv_hwprobe rtas s390_guarded_storage s390_pci_mmio_read
s390_pci_mmio_write s390_runtime_instr s390_sthyi sched_get_affinity sched_set_affinity sethae setpgrp spu_create
spu_run subpage_prot swapcontext switch_endian sys_debug_setcontext syscall sysmips timerfd
`;
