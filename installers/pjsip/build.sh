#!/usr/bin/env bash
# Builds PJSIP with eight lines, sound over IPv6 and Opus, and with native/ (the call's sound without
# the interpreter), and makes a wheel of it: FOLDER/*.whl.
# Needs some three minutes on two cores. The source is the one that Debian keeps beside Asterisk's,
# known by its hash. Exit 3: the source or a package cannot be had here; nothing is left half done.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
native=$(realpath "$here/../../native")
into=$(realpath -m "${1:?folder}")
python=$(realpath -s "${2:-python3}")

version=2.17
name=asterisk_22.10.1+dfsg+~cs6.17.60671434.orig-Xpjproject.tar.xz
sha256=6860c2f7604b4eee75f38151a9ef69774eb3f0c5286fc1d14bc1db2dc5a9e8aa
sha1=9cbc54943839c75a8d626e84d3562074bc766222
places=("https://deb.debian.org/debian/pool/main/a/asterisk/$name"
  "http://deb.debian.org/debian/pool/main/a/asterisk/$name"
  "https://snapshot.debian.org/file/$sha1") # keeps what the first no longer has
srtp_name=libsrtp2_2.5.0.orig.tar.gz # Debian's own is built with NSS, which costs four times the CPU
srtp_sha256=8a43ef8e9ae2b665292591af62aa1a4ae41e468b6d98d8258f91478735da4e09
srtp_sha1=af805be67b47d7e376c0c1d8c675502684902b74
srtp_places=("https://deb.debian.org/debian/pool/main/libs/libsrtp2/$srtp_name"
  "http://deb.debian.org/debian/pool/main/libs/libsrtp2/$srtp_name"
  "https://snapshot.debian.org/file/$srtp_sha1")
packages=(build-essential swig libsamplerate0-dev libopus-dev libpulse-dev uuid-dev xz-utils curl
  ca-certificates)

made=$(compgen -G "$into/*.whl" || true)
if [ -n "$made" ]; then
  [ -z "$(find "$native" "$here" -type f -newer "$made")" ] && exit 0
  rm -f "$made" # of other sources than those here
fi
give_up() { echo "PJSIP is not built: $1" >&2; exit 3; }

command -v dpkg-query >/dev/null 2>&1 || give_up "this script is for Debian"
missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' \
    || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -eq 0 ]; then as_root=(env); elif sudo -n true 2>/dev/null; then as_root=(sudo -n); else
    give_up "first: sudo apt-get install ${missing[*]}"; fi
  echo "Installing Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || true
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || give_up "${missing[*]} could not be installed"
fi

mkdir -p "$into"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Fetches FILE, known by its hash, from the first of some places that has it.
fetch() { # FILE SHA256 PLACE...
  local file=$1 sum=$2 place
  shift 2
  for place in "" "$@"; do
    [ -z "$place" ] || curl --silent --fail --location --max-time 120 --output "$file" "$place" || true
    echo "$sum  $file" | sha256sum --check --status 2>/dev/null && return
  done
  rm -f "$file"
  give_up "its source (SHA-256 $sum) is at none of: $*"
}
fetch "$into/$name" "$sha256" "${places[@]}"
fetch "$into/$srtp_name" "$srtp_sha256" "${srtp_places[@]}"

echo "Building PJSIP $version"
tar -xf "$into/$name" -C "$work" --strip-components=1
cp "$here/config_site.h" "$work/pjlib/include/pj/config_site.h"
# Debian took this driver out for its licence; the makefile still names it.
touch "$work/pjmedia/src/pjmedia-audiodev/bdimad_dev.c"
mkdir "$work/srtp" "$work/srtp-here"
tar -xf "$into/$srtp_name" -C "$work/srtp" --strip-components=1
log="$into/build.log"
{
  cd "$work/srtp"
  CFLAGS="-O2 -fPIC" ./configure --quiet --prefix="$work/srtp-here" --disable-debug --disable-log-stdout
  make libsrtp2.a
  make install
  cd "$work"
  # No sound devices, no TLS, no echo canceller of its own: the program has these.
  CFLAGS="-O2 -fPIC -DNDEBUG -I$work/srtp-here/include" CXXFLAGS="-O2 -fPIC -DNDEBUG" \
    LDFLAGS="-L$work/srtp-here/lib" ./aconfigure \
    --with-external-srtp --enable-libsamplerate --disable-sound --disable-video --disable-ssl \
    --disable-libwebrtc --disable-libwebrtc-aec3 --disable-speex-aec --disable-speex-codec \
    --disable-gsm-codec --disable-ilbc-codec --disable-g7221-codec --disable-silk --disable-bcg729 \
    --disable-opencore-amr --disable-libyuv --disable-upnp
  make dep
  make -j"$(nproc)" lib
  cd pjsip-apps/src/swig/python
  include=("-I$work/pjlib/include" "-I$work/pjlib-util/include" "-I$work/pjmedia/include"
    "-I$work/pjsip/include" "-I$work/pjnath/include")
  cat ../pjsua2.i "$native/sound_port.i" >../with_sound.i
  include+=("-I$native")
  swig "${include[@]}" -c++ -w312 -threads -python -outdir . -module pjsua2 -o pjsua2_wrap.cpp ../with_sound.i
  cp -r "$here/wheel" "$work/wheel"
  cp pjsua2.py "$work/wheel/pjsua2/"
  PJSIP_VERSION=$version PJSIP_WRAPPER=$PWD/pjsua2_wrap.cpp PJSIP_NATIVE=$native \
    PJSIP_CFLAGS=$(make --no-print-directory -f helper.mak cflags | tr '\n' ' ') \
    PJSIP_LDFLAGS="-L$work/srtp-here/lib $(make --no-print-directory -f helper.mak ldflags libs | sed -E 's/^([^-].*)$/-l\1/' | tr '\n' ' ')" \
    "$python" -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir "$work/done" "$work/wheel"
} >"$log" 2>&1 || { echo "PJSIP could not be built; the end of $log:" >&2; tail -15 "$log" >&2; exit 1; }
mv "$work"/done/*.whl "$into/" # last: with it the folder is complete
echo "$(compgen -G "$into/*.whl")"
