#!/usr/bin/env bash
# Draws session.png: a real session with a simulated token, in a real terminal.
# Needs the Debian packages xterm, xvfb, imagemagick, qrencode and fonts-dejavu-core, and 'make build' before.
set -euo pipefail
cd "$(dirname "$0")/../.."

scene=$(mktemp -d)
trap 'rm -rf "$scene"' EXIT
export XDG_DATA_HOME=$scene FOB_TOKEN=sim TERM=xterm-256color PATH="$PWD/.build/release:$PATH"
unset NO_COLOR

uri='otpauth://totp/Shop:ann@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Shop'
other='otpauth://totp/Bank:ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Bank&digits=8&period=60'
printf '%s' "$uri" | qrencode --output "$scene/shop.png"
printf '%s' "$other" | fob add --uri - --touch 2>/dev/null
fob sim button automatic >/dev/null 2>&1 || true

cat >"$scene/play" <<'PLAY'
cd "$XDG_DATA_HOME"
run() { printf '\033[32m$\033[0m %s\n' "$*"; "$@"; echo; }
run fob add Shop:ann --qr shop.png
run fob list
run fob code
run fob login Shop:ann
printf 'K7M2P-9QXRT\nH4WDN-6CBVJ\n' >codes.txt
run fob recover Shop:ann --store codes.txt
run fob recover Shop:ann
run fob clock status
sleep 30
PLAY

xvfb-run --auto-servernum --server-args='-screen 0 1200x900x24' bash -c '
  xterm -geometry 92x31+0+0 -fa "DejaVu Sans Mono" -fs 11 -bg "#16181d" -fg "#d8dee9" -b 12 +sb \
    -e bash "'"$scene"'/play" &
  terminal=$!
  sleep 5
  import -window "$(xwininfo -root -tree | sed -n "s/^ *\(0x[0-9a-f]*\) .*xterm.*/\1/p" | head -n 1)" \
    Docs/images/session.png
  kill $terminal'
