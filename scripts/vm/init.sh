#!/bin/busybox sh
# First process of the guest: puts a root file system together from the machine's own (read-only) and a tmpfs, leaves of
# the machine's units only what the tests need, and hands over to systemd.
export PATH=/bin
/bin/busybox --install -s /bin
mkdir -p /proc /sys /dev /lower /layer /rw /newroot
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs dev /dev
die() { echo "vm: $*" >/dev/ttyS0; poweroff -f; }
disk() { for b in /sys/block/vd*; do [ "$(cat "$b/serial")" = "$1" ] && echo "/dev/${b##*/}"; done; }
while read -r m; do insmod "/mod/$m" || echo "vm: insmod $m failed"; done </modules.list

share=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o "ro,$share,cache=loose" layer /layer || die "no share of the kernel's modules"
mount -t 9p -o "ro,$share,cache=loose" host /lower || die "no share of the machine's root"
mount -t tmpfs -o size=80%,mode=755 rw /rw; mkdir /rw/upper /rw/work
n=/newroot
mount -t overlay -o lowerdir=/layer:/lower,upperdir=/rw/upper,workdir=/rw/work root $n || die "no overlay"
# systemd would take the guest for a container otherwise, and not look at the kernel's command line.
rm -f $n/.dockerenv
mkdir -p $n/vmtest
mount -t 9p -o "rw,$share,cache=none" out $n/vmtest || die "no share for the results"

units=$n/usr/lib/systemd/system
for d in etc/systemd/system usr/lib/systemd/system usr/lib/systemd/system-generators usr/lib/systemd/system-environment-generators; do
  [ -d "$n/$d" ] && mount -t tmpfs -o mode=755 tmpfs "$n/$d"
done
for u in basic sysinit sockets paths timers slices local-fs local-fs-pre shutdown umount final poweroff reboot exit \
    emergency rescue multi-user network network-pre time-set nss-user-lookup user user-runtime-dir@ user@ \
    systemd-user-sessions systemd-logind dbus-org.freedesktop.login1 dbus; do
  for s in target service socket slice; do
    [ -e "/lower/usr/lib/systemd/system/$u.$s" ] && cp -d "/lower/usr/lib/systemd/system/$u.$s" $units/
  done
done
cp -rd /lower/usr/lib/systemd/system/user@.service.d /lower/usr/lib/systemd/system/user-.slice.d $units/ 2>/dev/null
mkdir -p $units/sockets.target.wants
ln -s ../dbus.socket $units/sockets.target.wants/
cat >$units/vmtest.target <<E
[Unit]
Requires=vmtest.service dbus.service
E
cat >$units/vmtest.service <<E
[Unit]
Wants=dbus.service
After=basic.target dbus.service
SuccessAction=poweroff-force
FailureAction=poweroff-force
[Service]
Type=oneshot
Delegate=yes
TimeoutStartSec=infinity
LimitNOFILE=524288
TasksMax=infinity
OOMPolicy=continue
ExecStart=/bin/sh /vmtest/.run
StandardInput=null
StandardOutput=append:/vmtest/log
StandardError=inherit
E
: >$n/etc/fstab
mount -t tmpfs -o mode=755 tmpfs $n/run; mkdir -p $n/run/lock
for d in tmp var/tmp var/log mnt; do mount -t tmpfs -o mode=1777 tmpfs "$n/$d"; chmod 755 $n/var/log $n/mnt; done
read -r copy <$n/vmtest/.copy
mkdir -p "$n$copy"; mount -t ext4 -o noatime,nobarrier "$(disk copy)" "$n$copy" || die "no copy of $copy"
for m in proc sys dev; do mount --move /$m $n/$m; done
mkdir -p $n/dev/mqueue; mount -t mqueue mqueue $n/dev/mqueue
for m in /lower /layer; do umount -l $m 2>/dev/null; done
exec switch_root $n /lib/systemd/systemd
