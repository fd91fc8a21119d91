# Shared by the scripts in this folder, which source it from the project's root.
# shellcheck shell=bash

deps="$PWD/.deps"
trixie_suite=trixie

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# Only one set-up works on .deps at a time; the lock goes with the process.
lock_deps() {
    mkdir -p "$deps/stamps"
    exec 9>"$deps/lock"
    flock 9
}

# The stamp of a step is the hash of everything that decides what the step does.
hash_of() { cat "$@" | sha256sum | cut -d ' ' -f 1; }

is_stamped() { [ "$(cat "$deps/stamps/$1" 2>/dev/null)" = "$2" ]; }

stamp() { printf '%s\n' "$2" >"$deps/stamps/$1"; }

check_sha256() {
    printf '%s  %s\n' "$2" "$1" | sha256sum --check --status ||
        die "$1: SHA-256 is $(sha256sum "$1" | cut -d ' ' -f 1), expected $2"
}

# Copies over a temporary name in the target's folder, so that a kill never leaves half a file under the final name.
install_file() {
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2.part.$$"
    mv -f "$2.part.$$" "$2"
}

missing_packages() {
    local package
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s ' "$package"
    done
}

# Installs Debian packages where they are missing: as root, by sudo where that asks nothing, else it says what to type.
require_packages() {
    command -v dpkg-query >/dev/null || die "this set-up needs Debian 12 or newer (or a system with dpkg and apt)"
    local missing as_root=()
    read -r -a missing <<<"$(missing_packages "$@")"
    [ "${#missing[@]}" -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ]; then
        if ! sudo -n true 2>/dev/null; then
            die "packages are missing, and no right to install them. As root:" \
                "apt-get install --no-install-recommends ${missing[*]}"
        fi
        as_root=(sudo -n)
    fi
    say "installing ${missing[*]}"
    local install=(apt-get install -y -q -o "DPkg::Lock::Timeout=$apt_patience" --no-install-recommends "${missing[@]}")
    # The package lists are refreshed only where the ones at hand do not do.
    if ! patiently "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}"; then
        patiently "${as_root[@]}" apt-get update -q || die_with_log "apt-get update failed"
        patiently "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" ||
            die_with_log "apt-get install failed"
    fi
}

# How many seconds to wait for another apt or dpkg to end.
apt_patience=300

# Runs apt quietly, again while another one holds a lock: apt itself waits for dpkg's, not for that of the package lists.
patiently() {
    local until=$((SECONDS + apt_patience))
    until quietly "$@"; do
        grep -qE "(Could not get|Unable to (lock|acquire)).*lock" "$deps/log" && [ "$SECONDS" -lt "$until" ] || return 1
        say "waiting for another apt to end"
        sleep 5
    done
}

# provide_locale NAME: NAME.UTF-8, made from the package `locales`; without the right to make it, says what to type.
provide_locale() {
    locale -a 2>/dev/null | grep -qi "^$1\.utf-\?8$" && return
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
    say "making the locale $1.UTF-8"
    quietly "${as_root[@]}" localedef -i "$1" -f UTF-8 "$1.UTF-8" ||
        say "models with operators on text need the locale $1.UTF-8. As root: localedef -i $1 -f UTF-8 $1.UTF-8"
}

quietly() { "$@" >"$deps/log" 2>&1 </dev/null; }

die_with_log() {
    tail -n 20 "$deps/log" >&2
    die "$*"
}

# apt-get with package lists and a cache of its own: needs no rights and leaves the machine's apt as it is.
private_apt() {
    local state="$deps/apt"
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    apt-get -q -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root \
        -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# The address of the Debian archive this machine installs from, whatever form its source lists have. apt tells it only
# once it has read the archive's lists.
debian_archive() {
    local codename
    codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-sid}")
    archive_of "$codename" apt-get && return
    quietly private_apt update || die_with_log "cannot read the package lists"
    archive_of "$codename" private_apt || die "no Debian archive in this machine's apt sources"
}

archive_of() {
    local address
    # shellcheck disable=SC2016 # apt's own placeholders
    address=$("$2" indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        awk -v codename="$1" '$2 == codename && $3 == "main" { print $1; exit }')
    [ -n "$address" ] && printf '%s' "$address"
}

# download_from_trixie FOLDER PACKAGE=VERSION: the amd64 package of Debian trixie, whatever Debian runs here. Its
# signature is not asked for (older keyrings lack trixie's key): the caller checks the SHA-256 it has pinned.
download_from_trixie() {
    local archive list="$deps/apt/trixie.list"
    archive=$(debian_archive)
    mkdir -p "$deps/apt" "$1"
    printf 'deb [trusted=yes arch=amd64] %s %s main\n' "$archive" "$trixie_suite" >"$list"
    local options=(-o "Dir::Etc::SourceList=$list" -o Dir::Etc::SourceParts=/dev/null
        -o APT::Architecture=amd64 -o APT::Architectures::=amd64)
    quietly private_apt "${options[@]}" update || die_with_log "cannot read Debian $trixie_suite's package list"
    (cd "$1" && private_apt "${options[@]}" download "$2" >/dev/null) || die "cannot download $2"
    rm -rf "$deps/apt"
}

# provide_program NAME PACKAGE PATH: NAME from the PATH, else unpacked from this Debian's PACKAGE into .deps/bin. Not
# installed: these packages would start a service.
provide_program() {
    if [ -x "$deps/bin/$1" ] || command -v "$1" >/dev/null || [ -x "/$3" ]; then
        return
    fi
    say "fetching $1"
    local work="$deps/unpack.$1"
    rm -rf "$work"
    mkdir -p "$work"
    quietly private_apt update || die_with_log "cannot read the package lists"
    (cd "$work" && private_apt download "$2" >/dev/null) || die "cannot download $2"
    dpkg-deb -x "$work"/*.deb "$work/root"
    install_file "$work/root/$3" "$deps/bin/$1"
    rm -rf "$work" "$deps/apt"
}
