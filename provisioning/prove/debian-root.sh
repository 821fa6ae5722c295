#!/usr/bin/env bash
# Installs a bundle into an empty Debian root with the network off, boots it, and shows that it
# answers; with a second bundle, updates to it and goes back. Prints each step.
#
#   sudo provisioning/prove/debian-root.sh BUNDLE [NEWER_BUNDLE]
#
# Needs root, debootstrap and systemd-container. ROOTS is where roots are made (default
# /var/tmp/lobby-kiosk-prove); the empty one is kept there for the next time. systemd is PID 1 of a
# container (systemd-nspawn) with no network but loopback. No screen, no sound device.
set -euo pipefail
bundle=$(cd -P "${1:?BUNDLE is wanted}" && pwd)
newer=${2:+$(cd -P "$2" && pwd)}
roots=${ROOTS:-/var/tmp/lobby-kiosk-prove}
release=$(sed -n 's/.*"release": *"\([^"]*\)".*/\1/p' "$bundle/bundle.json")
empty=$roots/empty-$release
root=$roots/kiosk

step() { echo "== $(date +%T) $*"; }

empty_root() {
  [ ! -e "$empty/.whole" ] || return 0
  step "debootstrap $release"
  mkdir -p "$roots"
  rm -rf "$empty"
  debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,udev,init "$release" "$empty" >"$roots/debootstrap.log"
  touch "$empty/.whole"
}

# In the container: by its first process' namespaces, since there is no machined here.
inside() { nsenter -t "$leader" -a env -i PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin "$@"; }

boot() {
  step "boot, no network"
  rm -f "$root/etc/machine-id"
  : >"$root/etc/machine-id"
  setsid systemd-nspawn --quiet --private-network --register=no --keep-unit --boot --console=pipe \
    --bind-ro="$bundle:/media/bundle" ${newer:+--bind-ro="$newer:/media/newer"} \
    -D "$root" </dev/null >"$roots/boot.log" 2>&1 &
  container=$!
  trap 'kill -TERM "$container" 2>/dev/null || true; wait "$container" 2>/dev/null || true' EXIT
  sleep 3
  leader=$(pgrep -P "$(pgrep -P "$container" -x systemd-nspawn || echo "$container")" | sed -n 1p)
}

wait_ready() {
  local second
  for second in $(seq 300); do
    if inside python3 -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8080/healthz").read().decode())' 2>/dev/null; then
      step "ready after $second tries; $(inside systemctl show -P StatusText lobby-kiosk.service)"
      return
    fi
    sleep 1
  done
  inside journalctl --no-pager -u lobby-kiosk.service | tail -30
  return 1
}

empty_root
step "a new root"
rm -rf "$root"
cp -a "$empty" "$root"
step "install, network off"
unshare --net bash "$bundle/install.sh" --root "$root" --device hall-1-a
boot
wait_ready
step "units"
inside systemctl is-system-running || true
inside systemd-analyze verify lobby-kiosk.service lobby-kiosk-enrol.timer lobby-kiosk-trial.service
inside systemd-analyze --no-pager security lobby-kiosk.service | tail -1
step "ask"
inside kiosk ask 社保卡丢了怎么补 --json 2>/dev/null
if [ -n "$newer" ]; then
  step "update"
  inside kiosk provision update /media/newer
  inside kiosk provision versions
  wait_ready
  step "back"
  inside kiosk provision rollback
  inside kiosk provision versions
  wait_ready
fi
step "uninstall"
inside kiosk provision uninstall --purge
inside find /opt /etc /usr/local /var/lib -iname '*lobby-kiosk*'
step "all is well"
