#!/usr/bin/env bash
# Builds the program for workstations: FOLDER/softphone_VERSION_ARCH.deb, and the same as a tree that
# runs from any place, FOLDER/softphone-VERSION-linux-ARCH.tar.xz. Some five minutes on two cores,
# and four more where PJSIP is not built yet.
# With the phone's library of `make pjsip` (eight lines, IPv6, Opus, sound in C) where it can be built,
# and with Debian's own Python: it is a quarter faster than one that was built without its optimisations.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(realpath "$here/../..")
into=$(realpath -m "${1:?folder}")
python=${2:-/usr/bin/python3}

bash "$here/debian-packages.sh" package

version=$("$python" -c 'import tomllib, sys; print(tomllib.load(open(sys.argv[1], "rb"))["project"]["version"])' "$root/pyproject.toml")
arch=$(dpkg --print-architecture)
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null || stat -c %Y "$root/CHANGELOG.md")
export SOURCE_DATE_EPOCH PYTHONHASHSEED=0 PIP_DISABLE_PIP_VERSION_CHECK=1

# An environment of its own: what the program needs, and nothing that happens to lie around.
venv="$into/venv"
rm -rf "$venv" "$into/tree" "$into/work" "$into/root"
mkdir -p "$into"
"$python" -m venv "$venv"
if command -v uv >/dev/null 2>&1; then
  uv pip install --quiet --python "$venv/bin/python" --require-hashes -r "$root/requirements/package.lock"
else
  "$venv/bin/python" -m pip install --quiet --no-deps --require-hashes -r "$root/requirements/package.lock"
fi
bash "$root/installers/pjsip/build.sh" "$root/build/pjsip" "$venv/bin/python" || [ $? -eq 3 ]
wheel=$(compgen -G "$root/build/pjsip/*.whl" || true)
[ -n "$wheel" ] || echo "The package gets PyPI's PJSIP: four lines, IPv4, no Opus." >&2
[ -z "$wheel" ] || "$venv/bin/python" -m pip install --quiet --no-deps --force-reinstall "$wheel"

echo "Collecting the program"
PYTHONPATH=$root "$venv/bin/python" -m PyInstaller --noconfirm --log-level WARN \
  --distpath "$into/tree" --workpath "$into/work" "$here/softphone.spec"
tree="$into/tree/softphone"

stage="$into/root"
doc="$stage/usr/share/doc/softphone"
install -d "$stage/usr/lib" "$stage/usr/bin" "$stage/DEBIAN" "$doc/guides"
cp -a "$tree" "$stage/usr/lib/softphone"
ln -s ../lib/softphone/softphone "$stage/usr/bin/softphone"
install -D -m 644 "$here/softphone.desktop" "$stage/usr/share/applications/softphone.desktop"
install -D -m 644 "$here/softphone.svg" "$stage/usr/share/icons/hicolor/scalable/apps/softphone.svg"
install -D -m 644 "$here/70-softphone-headset.rules" "$stage/usr/lib/udev/rules.d/70-softphone-headset.rules"
install -D -m 644 "$here/softphone.1" "$stage/usr/share/man/man1/softphone.1"
gzip -9n "$stage/usr/share/man/man1/softphone.1"
install -m 644 "$here/debian/copyright" "$root/README.md" "$doc/"
gzip -9nc "$root/CHANGELOG.md" >"$doc/changelog.gz"
install -m 644 "$root"/docs/guides/*.md "$doc/guides/"
PYTHONPATH=$root "$venv/bin/python" "$here/contents.py" "$doc" "$root/requirements/app.lock" "$version"
# After both the headset rule holds, or no longer holds, for what is plugged in.
install -m 755 "$here/debian/postinst" "$stage/DEBIAN/postinst"
install -m 755 "$here/debian/postinst" "$stage/DEBIAN/postrm"

echo "Looking for the Debian packages that its libraries need"
# It wants the package's tree around the files, and a control file for the source.
ln -s "$here/debian" "$stage/debian"
mapfile -d '' -t libraries < <(find "$stage/usr/lib/softphone" -type f \( -name '*.so' -o -name '*.so.*' -o -perm -u+x \) -print0)
mapfile -t inside < <(find "$stage/usr/lib/softphone" -type d | sed 's/^/-l/')
depends=$(cd "$stage" && dpkg-shlibdeps -O --warnings=0 "${inside[@]}" "${libraries[@]/#/-e}" \
  | sed -n 's/^shlibs:Depends=//p')
rm "$stage/debian"
# Opened by name at run time, so no library says so.
depends+=", libportaudio2, libpulse0, libxss1, fonts-dejavu-core"
cat >"$stage/DEBIAN/control" <<CONTROL
Package: softphone
Version: $version
Architecture: $arch
Maintainer: $(sed -n 's/^Maintainer: //p' "$here/debian/control")
Section: comm
Priority: optional
Depends: $depends
Recommends: espeak-ng, gnome-keyring | kwalletmanager
Suggests: pulseaudio | pipewire-pulse
Installed-Size: $(du -sk --exclude=DEBIAN "$stage" | cut -f1)
Description: SIP softphone that can prove what happened to every recording
 Calls over TLS and SRTP for contact centres. Recordings are sealed where they are made; who may not
 listen does not hold the key. What is done to them stands in a log that shows every change of it.
CONTROL
(cd "$stage" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
chmod -R u=rwX,go=rX "$stage"

package="$into/softphone_${version}_${arch}.deb"
dpkg-deb --root-owner-group -Zzstd -z12 --build "$stage" "$package" >/dev/null
portable="$into/softphone-$version-linux-$arch.tar.xz"
cp "$here/70-softphone-headset.rules" "$doc/copyright" "$doc/sbom.cdx.json" "$doc/third-party-licences.txt" "$tree/"
tar --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
  -C "$into/tree" -I "xz -3 -T0" -cf "$portable" softphone
rm -rf "$stage" "$into/work"
ls -l "$package" "$portable" | awk '{ printf "%s  %.0f MB\n", $NF, $5 / 1e6 }'
