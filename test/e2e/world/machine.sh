# Boots systemd as the first process of namespaces of its own, with a root of its own in $1/root, and never returns.
set -e
root=$1/root
cgroup=$(mktemp -d "$1/cgroup.XXXXXX")
mount -t cgroup2 cgroup2 "$cgroup"
mkdir -p "$cgroup/$2"
echo $$ > "$cgroup/$2/cgroup.procs"
umount "$cgroup"
rmdir "$cgroup"
exec unshare --mount --pid --fork --uts --ipc --cgroup --kill-child sh -ec '
root=$1
mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,ro,bind "$root/proc/sys"
mount --bind /proc/sys/net "$root/proc/sys/net"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm"
touch "$root/dev/console"
ln -s /proc/self/fd "$root/dev/fd"
mountpoint -q "$root/sys/fs/cgroup" || mount -t tmpfs tmpfs "$root/sys/fs/cgroup" || true
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
cd "$root"
pivot_root . mnt
umount -l /mnt
exec env -i container=rae PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  SYSTEMD_PROC_CMDLINE="systemd.unit=multi-user.target systemd.unified_cgroup_hierarchy=1" \
  /lib/systemd/systemd --system --show-status=0
' sh "$root"
