#!/usr/bin/env bash
# Installs the bundle that lies beside this script, or brings an installed kiosk up to it.
#
#   sudo bash install.sh [--dry-run] [--key FINGERPRINT] [--site FILE | --device NAME]
#                     [--clock "YYYY-MM-DD HH:MM"] [--root DIR] [--no-start] [--bundle DIR]
#   sudo bash install.sh --uninstall [--purge]     where `kiosk provision uninstall` no longer works
#
# Needs no network and asks nothing. A second run takes up where a first was cut. Here is only what
# must be known before anything of the bundle may be believed or run; the rest is Python of the
# bundle itself (provisioning/install). The technician reads Chinese; the log is in English.
# Sticks keep no executable bit, and `sh` is another shell.
[ -n "${BASH_VERSION:-}" ] || exec bash "$0" "$@"
set -euo pipefail
export LC_ALL=C.UTF-8 PATH="$PATH:/usr/sbin:/sbin"

here=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bundle=$here root='' site='' device='' key='' clock='' dry='' start=yes remove=()
given=("$@")
log=/var/log/lobby-kiosk-install.log

note() { # English, to the log; a dry run leaves none
  [ -n "$dry" ] || { echo "$(date -u +%FT%TZ) $*" >>"$log"; } 2>/dev/null || true
}

say() { # Chinese for whoever stands here, English for the log (and a console without Chinese)
  echo "$1"
  [ "${TERM:-}" != linux ] || echo "  ($2)"
  note "$2"
}

die() { # status, Chinese, English
  say "错误：$2" "error: $3" >&2
  exit "$1"
}

unexpected() {
  [ "$BASH_SUBSHELL" = 0 ] || exit 4 # told once, outside
  die 4 "安装没有完成，没有切换版本。再运行一次会接着做；原因在 $log" "line $1: a command failed: $2"
}
trap 'unexpected "$LINENO" "$BASH_COMMAND"' ERR
set -o errtrace

options() {
  while [ $# != 0 ]; do
    case $1 in
      --dry-run) dry=yes ;;
      --no-start) start='' ;;
      --uninstall | --purge) remove+=("$1") ;;
      --key | --site | --device | --clock | --root | --bundle)
        [ $# -ge 2 ] || die 2 "$1 后面要写内容" "$1 takes a value"
        case $1 in
          --key) key=$2 ;;
          --site) site=$2 ;;
          --device) device=$2 ;;
          --clock) clock=$2 ;;
          --root) root=$2 ;;
          --bundle) bundle=$2 ;;
        esac
        shift
        ;;
      -h | --help)
        sed -n '2,/^# Sticks/{/^# Sticks/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"
        exit 0
        ;;
      *) die 2 "不认识的选项 $1；用法见 install.sh --help" "unknown option $1" ;;
    esac
    shift
  done
}

# A string of bundle.json, or of the site file before its first section.
of_bundle() {
  sed 's/[,{}]/\n/g' "$bundle/bundle.json" |
    sed -n "s/^[[:space:]]*\"$1\"[[:space:]]*:[[:space:]]*\"\\([^\"]*\\)\".*/\\1/p" | sed -n 1p
}
of_site() {
  sed -n "/^[[:space:]]*\\[/q;s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*[\"']\\([^\"']*\\)[\"'].*/\\1/p" \
    "$site" | sed -n 1p
}

# Into an image: the same script, run inside of it, where the paths are those of the machine.
enter_root() {
  local inside=/run/lobby-kiosk-bundle option=() skip=''
  [ -x "$root/bin/bash" ] || die 2 "$root 里没有一个 Debian 系统；--root 要写系统的根目录" \
    "--root $root holds no system (no /bin/bash)"
  [ -w "$root" ] || die 3 "$root 是只读的：请重新挂载为可写再运行" "--root $root is not writable"
  for option in "${given[@]}"; do
    if [ -n "$skip" ]; then skip=''; continue; fi
    case $option in
      --root | --bundle | --site) skip=yes ;;
      *) inner+=("$option") ;;
    esac
  done
  if [ -n "$site" ]; then
    site=$(cd -P "$(dirname "$site")" && pwd)/$(basename "$site")
    inner+=(--site "$inside-site/$(basename "$site")")
  fi
  export LOBBY_KIOSK_IN_IMAGE=yes
  # In mounts of its own: they end with it, however it ends.
  # shellcheck disable=SC2016 # the inner shell expands
  exec unshare --mount --propagation private bash -euc '
    root=$1 bundle=$2 inside=$3 site=$4
    shift 4
    mkdir -p "$root$inside" "$root/proc" "$root/dev"
    mount --bind "$bundle" "$root$inside"
    if [ -n "$site" ]; then
      mkdir -p "$root$inside-site"
      mount --bind "$(dirname "$site")" "$root$inside-site"
    fi
    mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
    mountpoint -q "$root/dev" || mount --rbind /dev "$root/dev"
    exec chroot "$root" bash "$inside/install.sh" "$@"' \
    enter "$root" "$bundle" "$inside" "$site" --bundle "$inside" --no-start "${inner[@]}"
}
inner=()

need_root() {
  [ "$(id -u)" = 0 ] || die 2 "需要管理员权限：请用 sudo bash install.sh 运行" "not root"
}

# One at a time. The lock ends with the process, even if that is killed.
lock() {
  local folder=/run/lock
  [ -z "$dry" ] || return 0
  mkdir -p "$folder"
  exec 9>"$folder/lobby-kiosk-install.lock"
  flock --nonblock 9 || die 3 "另一个安装正在进行：等它结束后再运行" "another run holds the lock"
}

whole_bundle() {
  local file
  for file in bundle.json SHA256SUMS SHA256SUMS.sig bundle.pub wheels/requirements.txt; do
    [ -r "$bundle/$file" ] || die 2 "$bundle 不是完整的安装包（缺 $file）：请重新拷贝" \
      "$bundle: no $file"
  done
  grep -q '"format"[[:space:]]*:[[:space:]]*1[^0-9]' "$bundle/bundle.json" ||
    die 2 "安装包的格式本程序不认识：请用随包的 install.sh" "unknown bundle format"
}

# What the machine is, before anything is read at length.
right_machine() {
  local want have
  want=$(of_bundle arch)
  have=$(dpkg --print-architecture 2>/dev/null || uname -m | sed 's/x86_64/amd64/;s/aarch64/arm64/')
  [ "$want" = "$have" ] || die 2 "安装包是给 $want 机器的，这台是 $have：请换对应的安装包" \
    "bundle is for $want, this machine is $have"
  want=$(of_bundle release)
  # shellcheck disable=SC1091
  have=$(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")
  [ "$want" = "$have" ] || die 2 "安装包是给系统 $want 的，这台是 $have：请换对应的安装包，或重装系统" \
    "bundle is for release $want, this is $have"
}

detected_board() {
  local model=''
  [ ! -r /proc/device-tree/model ] || model=$(tr -d '\0' </proc/device-tree/model)
  case $model in
    *'Raspberry Pi 5'* | *'Compute Module 5'*) echo raspberrypi5 ;;
    *Orin*) echo jetson-orin ;;
    *) [ "$(uname -m)" != x86_64 ] || echo x86 ;;
  esac
}

right_board() {
  local want have=''
  want=$(of_bundle board)
  [ -z "$site" ] || have=$(of_site board)
  # An image is of another machine than the one that it is made on.
  [ -n "$have" ] || [ -n "${LOBBY_KIOSK_IN_IMAGE:-}" ] || have=$(detected_board)
  [ -z "$have" ] || [ "$have" = "$want" ] ||
    die 2 "安装包是给 $want 板子的，这台是 $have：请换对应的安装包，或在站点文件里写对 board" \
      "bundle is for board $want, this one is $have"
}

# --site, else the stick's, else the one installed before, else --device is enough.
find_site() {
  if [ -n "$site" ]; then
    [ -r "$site" ] || die 2 "找不到站点文件 $site：请检查路径" "--site $site: not readable"
  elif [ -r "$bundle/site/site.toml" ]; then
    site=$bundle/site/site.toml
  elif [ -r /etc/lobby-kiosk/site.toml ]; then
    site=/etc/lobby-kiosk/site.toml
  elif [ -z "$device" ]; then
    die 2 "没有站点文件：把 site.toml 放到 $bundle/site/，或加 --device 设备名（小写字母、数字、连字符）" \
      "no site file and no --device"
  fi
}

# OpenSSL is no part of the smallest Debian: then the bundle's own, unpacked beside. It is no less
# to be trusted than this script, which came on the same stick.
need_openssl() {
  command -v openssl >/dev/null && return
  local deb
  for deb in "$bundle"/debs/openssl_*.deb "$bundle"/debs/libssl3*.deb; do
    [ ! -r "$deb" ] || dpkg-deb -x "$deb" "$work/openssl"
  done
  [ -x "$work/openssl/usr/bin/openssl" ] ||
    die 3 "系统里没有 openssl，安装包里也没有：请联系制作安装包的人" "no openssl here or in the bundle"
  openssl() {
    LD_LIBRARY_PATH=$(echo "$work"/openssl/usr/lib/*-linux-gnu) "$work/openssl/usr/bin/openssl" "$@"
  }
}

# First 32 hexadecimal digits of the raw key's sha256, in groups of four.
fingerprint() {
  openssl pkey -pubin -in "$1" -outform DER 2>/dev/null | tail -c 32 | sha256sum | cut -c1-32 |
    sed 's/..../& /g;s/ $//'
}

same() { [ "$(tr -dc '0-9a-fA-F' <<<"$1" | tr A-F a-f)" = "$(tr -dc '0-9a-f' <<<"$2")" ]; }

right_signer() {
  local kept=/etc/lobby-kiosk/bundle.pub mark want=$key
  need_openssl
  mark=$(fingerprint "$bundle/bundle.pub")
  [ -n "$want" ] || [ -z "$site" ] || want=$(of_site key)
  [ -z "$want" ] || same "$want" "$mark" ||
    die 2 "签名者的指纹是 $mark，与给定的不符：这个安装包不要用，请联系发包的人" \
      "signer $mark is not the one that was asked for ($want)"
  if [ -r "$kept" ]; then
    same "$(fingerprint "$kept")" "$mark" ||
      die 2 "这个安装包由另一个签名者（$mark）制作，拒绝安装。若确已更换签名者，先删除 $kept 再装" \
        "signed by another key ($mark) than the kept one ($(fingerprint "$kept"))"
  elif [ -z "$want" ]; then
    say "签名者指纹：$mark（请与发包的人核对）" "signer's fingerprint: $mark, not compared"
  fi
  openssl pkeyutl -verify -pubin -inkey "$bundle/bundle.pub" -rawin -in "$bundle/SHA256SUMS" \
    -sigfile "$bundle/SHA256SUMS.sig" >/dev/null 2>&1 ||
    die 2 "安装包的签名不对：可能被改动或拷贝损坏，请重新拷贝" "bad signature of SHA256SUMS"
}

whole_files() {
  local bad
  say "正在核对安装包……" "checking files against SHA256SUMS"
  bad=$(cd "$bundle" && sha256sum --check --quiet --strict SHA256SUMS 2>&1) && return
  note "$bad"
  bad=$(sed -n 's/: FAILED.*//p' <<<"$bad" | sed -n 1p)
  die 2 "安装包损坏（${bad:-文件清单不对}）：请重新拷贝到U盘" "damaged: ${bad:-SHA256SUMS}"
}

# A bundle from the future means a clock that stands: certificates would look not yet valid.
right_clock() {
  local made now
  made=$(date -d "$(of_bundle made_at)" +%s) || die 2 "安装包里的制作时间读不懂：请重新制作" "bad made_at"
  now=$(date +%s)
  if [ -n "$clock" ]; then
    now=$(date -d "$clock" +%s 2>/dev/null) ||
      die 2 "--clock 的时间读不懂：请写成 \"2026-01-31 09:30\"" "--clock $clock: no time"
  fi
  [ "$now" -ge "$made" ] || die 2 "时钟 $(date -d "@$now" '+%F %H:%M') 比安装包制作时间 $(date -d "@$made" '+%F %H:%M') 还早，\
证书会被当作无效：请加 --clock \"年-月-日 时:分\"（现在的时间）再运行" "clock $now is before made_at $made"
  if [ -z "$clock" ] || [ -n "$dry" ]; then return; fi
  # Also where a machine without a clock of its own begins at the next start.
  date -s "@$now" >/dev/null 2>&1 || die 3 "时钟设不了：请先把系统时间设对再运行" "date -s failed"
  hwclock --systohc 2>/dev/null || true
  [ ! -d /var/lib/systemd/timesync ] || touch /var/lib/systemd/timesync/clock
  note "clock set to $clock"
}

kib() { { du -sk -- "$@" 2>/dev/null || true; } | awk '{ sum += $1 } END { print sum + 0 }'; }

# Wheels and packages unpack to about three times their size. What is there already is not counted
# off: a machine that is full is to be told so before, not after.
room() {
  local need free folder
  need=$(($(kib "$bundle/wheels") * 3 + 65536))
  need=$((need + $(kib "$bundle/models")))
  [ -n "$(missing_debs)" ] && need=$((need + $(kib "$bundle/debs") * 3))
  for folder in /opt /var/lib /etc; do
    [ -w "$folder" ] || die 3 "$folder 是只读的：请重新挂载为可写（mount -o remount,rw /）再运行" \
      "$folder is not writable"
    free=$(df -Pk "$folder" | awk 'NR == 2 { print $4 }')
    [ "$folder" = /etc ] || [ "$free" -ge "$need" ] ||
      die 3 "磁盘空间不够：$folder 剩 $((free / 1024)) MB，需要 $((need / 1024)) MB；请清理或换大的卡" \
        "$folder: $free KiB free, $need needed"
  done
}

missing_debs() {
  local name
  [ ! -r "$bundle/debs/packages.txt" ] || while read -r name; do
    case $name in '' | '#'*) continue ;; esac
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || echo "$name"
  done <"$bundle/debs/packages.txt"
}

# The flat repository of the bundle, and nothing else: its Packages was verified, so it is trusted.
# Neither the machine's own sources nor their lists are looked at or changed.
install_debs() {
  local names
  mapfile -t names < <(missing_debs)
  [ ${#names[@]} != 0 ] || return 0
  say "正在安装系统软件包（${#names[@]} 个）……" "installing packages: ${names[*]}"
  mkdir -p "$work/lists/partial" "$work/archives/partial"
  ln -s "$bundle/debs" "$work/debs" # a path without blanks
  echo "deb [trusted=yes] file:$work/debs ./" >"$work/bundle.list"
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y
    -o "Dir::Etc::SourceList=$work/bundle.list" -o Dir::Etc::SourceParts=-
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache::Archives=$work/archives"
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root
    -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold)
  # What a cut first run left half configured.
  { dpkg --configure -a && "${apt[@]}" update &&
    "${apt[@]}" install --no-install-recommends --fix-broken "${names[@]}"; } >>"$log" 2>&1 </dev/null ||
    die 3 "系统软件包没有装上：磁盘可能已满或系统软件包有冲突，详见 $log" "apt-get failed"
}

need_python() {
  local want have
  want=$(of_bundle python)
  have=$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none)
  [ "$have" = "$want" ] || die 3 "需要 Python $want，这台是 $have：安装包与系统不配，请换对应的安装包" \
    "python3 is $have, bundle wants $want"
}

hand_over() {
  local wheel args=(--bundle "$bundle")
  wheel=$(echo "$bundle"/wheels/lobby_kiosk-*.whl)
  args+=("${remove[@]}")
  [ -z "$site" ] || args+=(--site "$site")
  [ -z "$device" ] || args+=(--device "$device")
  [ -n "$start" ] || args+=(--no-start)
  [ -z "$dry" ] || args+=(--dry-run)
  rm -rf "$work"
  trap - EXIT
  cd /
  exec env PYTHONPATH="$wheel" PYTHONDONTWRITEBYTECODE=1 python3 -P -m provisioning.install "${args[@]}"
}

main() {
  options "$@"
  bundle=$(cd -P "$bundle" 2>/dev/null && pwd) || die 2 "找不到安装包的文件夹：请检查路径" "no such folder"
  need_root
  [ -z "$root" ] || enter_root
  lock
  note "--- install.sh ${given[*]} (bundle $bundle)"
  work=$(mktemp -d /tmp/lobby-kiosk-install.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  whole_bundle
  [ ${#remove[@]} != 0 ] || find_site
  right_machine
  [ ${#remove[@]} != 0 ] || right_board
  right_signer
  whole_files
  if [ ${#remove[@]} != 0 ]; then hand_over; fi
  right_clock
  room
  if [ -z "$dry" ]; then
    install_debs
  else
    say "试运行：将安装的系统软件包：$(missing_debs | tr '\n' ' ')" "dry run; packages: $(missing_debs | tr '\n' ' ')"
    command -v python3 >/dev/null || { say "试运行：检查通过，没有改动" "dry run: all is well"; exit 0; }
  fi
  need_python
  hand_over
}

main "$@"
