#!/usr/bin/env bash
# Sees to the system libraries Belay needs: installs what is missing with apt when it may, else names it.
#   system-libraries.sh run    what the window needs   (missing: named in one line, exit 0)
#   system-libraries.sh test   that, and what the tests need   (missing: named in one line, exit 1)
#   system-libraries.sh venv   the part of Debian's Python that makes a .venv   (missing: exit 1)
set -u
what=${1:?run, test or venv}

# One Debian list for Xvfb and real displays, tried in a bare Debian 12; Qt's own message names only
# libxcb-cursor0 where libxcb-icccm4 and libxcb-keysyms1 are the ones that lack.
debian_run="libgl1 libegl1 libglib2.0-0 libfontconfig1 libdbus-1-3 libxkbcommon0 libxkbcommon-x11-0
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 fonts-dejavu-core"
debian_test="xvfb xauth xdotool x11-utils imagemagick openbox trayer dbus gnome-keyring procps"
fedora_run="mesa-libGL mesa-libEGL glib2 fontconfig dbus-libs libxkbcommon libxkbcommon-x11
  xcb-util-cursor xcb-util-wm xcb-util-keysyms libxcb dejavu-sans-fonts"
fedora_test="xorg-x11-server-Xvfb xorg-x11-xauth xdotool xprop xwininfo ImageMagick openbox
  dbus-daemon gnome-keyring procps-ng"

give_up() {
  echo "Belay: system libraries are missing; install them with:  $1" >&2
  if [ "$what" = run ]; then exit 0; fi
  exit 1
}

# Ubuntu 24.04 and Debian 13 renamed some libraries to <name>t64, so either name counts as installed.
debian_missing() {
  local have name
  have=" $(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p' | tr '\n' ' ') "
  for name in "$@"; do
    case "$have" in *" $name "* | *" ${name}t64 "*) ;; *) echo "$name" ;; esac
  done
}

with_apt() {
  local missing sudo="" apt
  missing=$(debian_missing "$@" | tr '\n' ' ')
  missing=${missing% }
  [ -n "$missing" ] || exit 0
  if [ "$(id -u)" -ne 0 ]; then
    sudo="sudo -n"
    $sudo true 2>/dev/null || give_up "sudo apt-get install $missing"
  fi
  echo "Belay: installing system libraries: $missing"
  apt="$sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y"
  # shellcheck disable=SC2086  # the list is meant to fall into words
  if ! $apt install --no-install-recommends $missing </dev/null >/dev/null 2>&1; then
    $apt update </dev/null >/dev/null
    $apt install --no-install-recommends $missing </dev/null >/dev/null || give_up "sudo apt-get install $missing"
  fi
}

with_rpm() {
  local missing="" name
  for name in "$@"; do rpm -q "$name" >/dev/null 2>&1 || missing="$missing $name"; done
  [ -z "$missing" ] || give_up "sudo dnf install$missing"
}

# shellcheck disable=SC2086  # the lists are meant to fall into words
if [ "$(uname -s)" = Darwin ]; then
  [ "$what" != venv ] || give_up "brew install python@3.12"
  exit 0 # Qt's wheels bring all the window needs; tests run on Qt's offscreen platform
elif command -v dpkg-query >/dev/null 2>&1; then
  case "$what" in
    run) with_apt $debian_run ;;
    test) with_apt $debian_run $debian_test ;;
    venv) with_apt python3-venv ;;
  esac
elif command -v rpm >/dev/null 2>&1; then
  case "$what" in
    run) with_rpm $fedora_run ;;
    test) with_rpm $fedora_run $fedora_test ;;
    venv) with_rpm python3-pip ;;
  esac
else
  give_up "the packages of your system that match Debian's: $debian_run $([ "$what" != test ] || echo "$debian_test")"
fi
