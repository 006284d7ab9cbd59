#!/usr/bin/env bash
# Unpacks Debian's kernel, udev and a static busybox into a folder, and installs QEMU, for the tests
# that need devices this machine's kernel does not have. Nothing is installed besides QEMU. Where
# something cannot be had it says so and ends well: those tests are then skipped, with the reason.
set -euo pipefail
into=$(realpath -m "${1:?folder}")
qemu=$(command -v qemu-system-x86_64 || true)
kernels=$(compgen -G "$into/boot/vmlinuz-*" || true)
[ -n "$qemu" ] && [ -n "$kernels" ] && [ -x "$into/bin/udevadm" ] && exit 0
command -v apt-get >/dev/null 2>&1 || exit 0

give_up() { echo "$1; headset buttons are not tested on a kernel" >&2; exit 0; }
if [ "$(id -u)" -eq 0 ]; then as_root=(env); elif sudo -n true 2>/dev/null; then as_root=(sudo -n); else
  as_root=(); fi
[ ${#as_root[@]} -eq 0 ] || "${as_root[@]}" apt-get update -qq || true

if [ -z "$qemu" ]; then
  [ ${#as_root[@]} -gt 0 ] || give_up "QEMU is missing: sudo apt-get install --no-install-recommends qemu-system-x86"
  echo "Installing Debian packages: qemu-system-x86"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends qemu-system-x86 >/dev/null || give_up "QEMU could not be installed"
fi
kernel=$(apt-cache depends linux-image-amd64 2>/dev/null | awk '/Depends: linux-image/ {print $2; exit}')
[ -n "$kernel" ] || give_up "apt knows no kernel"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "Fetching $kernel, udev and busybox-static for the guest"
(cd "$folder" && apt-get download -qq "$kernel" busybox-static udev libkmod2 2>/dev/null) || give_up "they could not be fetched"
for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
mkdir -p "$into/boot" "$into/bin" "$into/lib"
cp "$folder"/root/boot/vmlinuz-* "$into/boot/"
cp "$folder"/root/usr/lib/*/libkmod.so.2 "$into/lib/"
cd "$folder/root"
for part in drivers/virtio drivers/hid net/9p fs/9p fs/netfs fs/fscache; do
  cp -r --parents lib/modules/*/kernel/"$part" "$into"
done
cp bin/busybox bin/udevadm "$into/bin/" # last: with them it is complete
