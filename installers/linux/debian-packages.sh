#!/usr/bin/env bash
# Installs the Debian packages that the program, its tests and the demo need.
# Does nothing where all are there; says what is missing where it may not install. With "package":
# what building the Debian package, and trying it in a clean Debian, needs besides.
set -euo pipefail
command -v dpkg-query >/dev/null 2>&1 || exit 0

runtime=(libegl1 libgl1 libopengl0 libdbus-1-3 libfontconfig1 libglib2.0-0 libxkbcommon0
  libxkbcommon-x11-0 libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-image0
  libxcb-render-util0 libxcb-shape0 libxcb-randr0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1
  libportaudio2 libasound2 libpulse0 libgssapi-krb5-2 libxss1 fonts-dejavu-core
  python3-venv)
peers=(kamailio kamailio-tls-modules baresip-core sip-tester pulseaudio pulseaudio-utils xvfb
  age sox espeak-ng tcpdump openssl jq postgresql nginx-light libreoffice-calc-nogui
  kamailio-presence-modules linphone-cli coturn xdotool iproute2 libasound2-plugins dbus-daemon)
builders=(dpkg-dev xz-utils libpython3.11 libwayland-cursor0 libwayland-egl1 debootstrap desktop-file-utils)

wanted=("${runtime[@]}" "${peers[@]}")
[ "${1:-}" != package ] || wanted+=("${builders[@]}")
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' \
    || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then as_root=(); elif sudo -n true 2>/dev/null; then as_root=(sudo -n); else
  echo "These Debian packages are missing: ${missing[*]}" >&2
  echo "Install them with: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "Installing Debian packages: ${missing[*]}"
# Debian would start a system-wide service for some of them; the tests start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod +x "$policy"
  trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
"${as_root[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
