#!/bin/sh
# Installs the Debian package $1 in a copy of this system that is thrown away, runs its service as its
# user, and removes the package again. Says on stdout what it sees, for the test. $2 is an empty folder.
# To be run with: unshare --mount --net --pid --fork. Without a package it only looks whether all that is possible.
set -eu
package=$1
work=$2
. "$(dirname "$0")/copy_of_system.sh"
if [ -z "$package" ]; then
	exec chroot "$root" sh -c 'command -v systemd-sysusers deb-systemd-helper setpriv'
fi
ip link set lo up
cp "$package" "$root/var/mim-server.deb"

inside() { chroot "$root" "$@"; }
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }
look() { for path in "$@"; do (cd "$root" && ls -d "./$path" >/dev/null 2>&1 && echo "there: $path" || echo "gone: $path"); done; }

quietly inside dpkg --force-unsafe-io --install /var/mim-server.deb
inside id --user --name mim-server
inside stat --format '%A %U %G %n' /usr/sbin/mim-server /usr/lib/mim-server/deno /etc/mim/server.json
inside dpkg --verify mim-server
ls "$root/etc/systemd/system/multi-user.target.wants/mim-server.service" >/dev/null && echo enabled
inside mim-server --version
if command -v systemd-analyze >/dev/null; then
	inside systemd-analyze verify /usr/lib/systemd/system/mim-server.service 2>&1
fi

# What systemd does with the unit, without systemd.
unit=$root/usr/lib/systemd/system/mim-server.service
# With workers and NATS, which is not there, for both are files of their own.
cat >"$root/etc/mim/server.json" <<END
{ "hostname": "127.0.0.1", "port": 0, "title": "Lab", "workers": 2, "cluster": "nats://127.0.0.1:1" }
END
inside install --directory --mode 0700 --owner mim-server --group mim-server /var/lib/mim-server /var/cache/mim-server
command=$(sed -n "s/^ExecStart=.bin.sh -c '\(.*\)'\$/\1/p" "$unit")
environment=$(sed -n 's/^Environment=//p' "$unit")
mkfifo "$work/stdout"
chmod 0666 "$work/stdout"
# shellcheck disable=SC2086 # the variables are words of their own
chroot "$root" setpriv --reuid=mim-server --regid=mim-server --clear-groups --no-new-privs \
	env -i PATH=/usr/bin:/bin $environment sh -c "$command" >"$work/stdout" 2>"$work/stderr" &
server=$!
exec 3<"$work/stdout"
read -r line <&3 || { cat "$work/stderr"; exit 1; }
echo "$line" | sed 's/[0-9]*$/PORT/'
inside mim-server users && echo "users: done"
inside mim-server ban mallory
kill -HUP "$server"
inside mim-server names list && echo "names: done"
inside mim-server backup /var/lib/mim-server/copy.mim
inside stat --format '%A %U %G %n' /var/lib/mim-server /var/lib/mim-server/server.key /var/lib/mim-server/bans.json
kill -TERM "$server"
wait "$server" && echo "stopped: $?"

quietly inside dpkg --remove mim-server
look usr/lib/mim-server usr/sbin/mim-server etc/mim/server.json var/lib/mim-server/server.key
quietly inside dpkg --force-unsafe-io --install /var/mim-server.deb
grep -c Lab "$root/etc/mim/server.json"
quietly inside dpkg --purge mim-server
look usr/lib/mim-server etc/mim/server.json etc/systemd/system/multi-user.target.wants/mim-server.service \
	var/lib/mim-server var/cache/mim-server usr/share/doc/mim-server var/lib/systemd/deb-systemd-helper-enabled/mim-server.service.dsh-also
