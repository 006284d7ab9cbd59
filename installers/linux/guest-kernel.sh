#!/usr/bin/env bash
# Unpacks Debian's kernel, udev and a static busybox into a folder, and installs QEMU, for the tests
# that need devices this machine's kernel does not have. Nothing is installed besides QEMU.
set -euo pipefail
into=${1:?folder}
command -v apt-get >/dev/null 2>&1 || exit 0
if ! command -v qemu-system-x86_64 >/dev/null 2>&1; then
  if [ "$(id -u)" -eq 0 ]; then as_root=(); elif sudo -n true 2>/dev/null; then as_root=(sudo -n); else
    echo "QEMU is missing: sudo apt-get install --no-install-recommends qemu-system-x86" >&2
    exit 0 # the tests that need it say that they were skipped
  fi
  echo "Installing Debian packages: qemu-system-x86"
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends qemu-system-x86 >/dev/null
fi
[ -x "$into/bin/udevadm" ] && compgen -G "$into/boot/vmlinuz-*" >/dev/null && exit 0
kernel=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ {print $2; exit}')
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "Fetching $kernel, udev and busybox-static for the guest"
(cd "$folder" && apt-get download -qq "$kernel" busybox-static udev libkmod2 2>/dev/null)
for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
mkdir -p "$into/boot" "$into/bin" "$into/lib"
into=$(realpath "$into")
cp "$folder"/root/boot/vmlinuz-* "$into/boot/"
cp "$folder"/root/usr/lib/*/libkmod.so.2 "$into/lib/"
cd "$folder/root"
for part in drivers/virtio drivers/hid net/9p fs/9p fs/netfs fs/fscache; do
  cp -r --parents lib/modules/*/kernel/"$part" "$into"
done
cp bin/busybox bin/udevadm "$into/bin/" # last: with them it is complete
