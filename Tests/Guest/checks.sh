# Runs in the guest: uses fob on this kernel's own USB and HID stack, with the simulated token attached in
# turn through usbredir (by QEMU, before the boot), USB/IP and uhid; and with the firmware of the Pico, through
# usbredir as well.
# A line a check; the last line counts them.

passed=0
failed=0

# Seconds since the boot.
now() { cut -d ' ' -f 1 /proc/uptime; }

# ok TITLE: judges the exit status of the command before.
ok() {
  if [ "$?" -eq 0 ]; then
    passed=$((passed + 1))
    echo "ok: $(now) $title: $1"
  else
    failed=$((failed + 1))
    echo "FAILED: $(now) $title: $1"
    sed 's/^/    /' /tmp/out /tmp/err 2>/dev/null
  fi
}

# run STATUS COMMAND...: runs it with its output in /tmp/out and /tmp/err; true if it ends with STATUS.
run() {
  expected=$1
  shift
  "$@" >/tmp/out 2>/tmp/err </dev/null
  status=$?
  [ "$status" -eq "$expected" ] || echo "status $status, expected $expected: $*" >>/tmp/err
  [ "$status" -eq "$expected" ]
}

says() { grep -q -- "$1" /tmp/out; }
complains() { grep -q -- "$1" /tmp/err; }

. /body.sh

old=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
new=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
uri() { printf 'otpauth://totp/Shop:ann?secret=%s&issuer=Shop\n' "$1"; }
# fob takes no secret from a file that others can read.
umask 077
uri $old >/tmp/old.uri
uri $new >/tmp/new.uri
echo 'a password of four words' >/tmp/password
unlock='--password-file /tmp/password'

# same KEY COMMAND...: whether the command's code is oathtool's, before or after it.
same() {
  key=$1
  shift
  before=$(oathtool --totp -b "$key")
  run 0 "$@" || return 1
  after=$(oathtool --totp -b "$key")
  code=$(tr -d '\n' </tmp/out)
  [ "$code" = "$before" ] || [ "$code" = "$after" ]
}

# until_there STATUS: waits until the token is on the bus (0), or gone (3).
until_there() {
  tries=0
  while [ $tries -lt 30 ]; do
    "$fob" info --token usb >/tmp/out 2>/tmp/err </dev/null
    [ "$?" -eq "$1" ] && return 0
    usleep 100000
    tries=$((tries + 1))
  done
  return 1
}

# sim REQUEST...: as 'fob sim', does that to the token of this flow. Those that QEMU has run outside of the guest, and have
# their control channels at the guest's second and third serial port.
sim() {
  case $control in
    serial) channel=4 ;;
    firmware) channel=5 ;;
    *)
      "$fob" sim "$@" --token "$control" >/dev/null 2>&1
      return
      ;;
  esac
  if [ "$1" = button ]; then
    echo "{\"do\":\"button\",\"mode\":\"$2\"}" >&$channel
  else
    echo "{\"do\":\"$1\"}" >&$channel
  fi
}

# Kept open and without echo, which would send the answers back as requests.
exec 4<>/dev/ttyS1 5<>/dev/ttyS2
stty raw -echo <&4
stty raw -echo <&5

# flow FOB CONTROL: everything that a person does, with this program; CONTROL is 'serial' or chooses the
# simulator.
flow() {
  fob=$1
  control=$2
  export FOB_TOKEN=usb
  until_there 0
  ok "the token is on the bus"
  run 0 "$fob" devices && says usb
  ok "fob devices lists it"
  run 0 "$fob" info && says 'A simulated token'
  ok "fob info says that it is simulated"
  (unset FOB_TOKEN && run 3 "$fob" list && complains 'used only when it is chosen')
  ok "a simulated token is not used unless it is chosen, though it is the only one"
  run 0 "$fob" enable Shop:ann --uri-file /tmp/old.uri --yes
  ok "enable"
  same $old "$fob" login Shop:ann
  ok "login gives oathtool's code"
  run 0 "$fob" update Shop:ann --uri-file /tmp/new.uri --yes
  ok "update"
  same $new "$fob" login Shop:ann
  ok "login after the update gives the new secret's code"

  # The cable comes out while the person is asked whether the site took the code.
  rm -f /tmp/answer
  mkfifo /tmp/answer
  "$fob" update Shop:ann --uri-file /tmp/old.uri </tmp/answer >/tmp/out 2>/tmp/err &
  update=$!
  exec 3>/tmp/answer
  tries=0
  while ! complains 'site take' && [ $tries -lt 100 ]; do
    usleep 50000
    tries=$((tries + 1))
  done
  sim unplug
  echo yes >&3
  exec 3>&-
  wait $update
  [ "$?" -eq 10 ]
  ok "an update whose cable is lost ends with status 10"
  until_there 3
  ok "the token is gone from the bus"
  sim plug
  # USB/IP's connection went with the cable; a person would attach the device again.
  [ "$control" != unix:/tmp/usbip ] || attach
  until_there 0
  ok "and is back when it is plugged in"
  same $new "$fob" login Shop:ann
  ok "the old secret is intact"

  # Two programs at once.
  : >/tmp/clients
  clients=
  for client in 1 2; do
    (
      for round in 1 2 3; do
        "$fob" list --token usb >/dev/null 2>>/tmp/clients || echo "client $client, round $round" >>/tmp/clients
      done
    ) &
    clients="$clients $!"
  done
  # shellcheck disable=SC2086
  wait $clients
  [ ! -s /tmp/clients ]
  ok "two programs at once both get their answers"

  run 0 "$fob" check --soak 1000
  ok "1,000 transactions, and nothing lost"
  run 0 "$fob" disable Shop:ann --yes
  ok "disable"
  run 4 "$fob" login Shop:ann
  ok "and no code any more"
  ask "$control"
}

# attach: has this kernel import the device that the USB/IP server on loopback offers.
attach() {
  tries=0
  while [ $tries -lt 20 ]; do
    usbip attach -r 127.0.0.1 -b 1-1 >/tmp/out 2>/tmp/err && return 0
    usleep 100000
    tries=$((tries + 1))
  done
  return 1
}

# simulator NAME ARGUMENTS...: starts a simulated token in the guest; its control is unix:/tmp/NAME.
simulator() {
  face=$1
  shift
  fob-hidraw sim "$face" --socket "/tmp/$face" --image "/tmp/$face.image" "$@" >"/tmp/$face.log" 2>&1 &
  simulator=$!
  usleep 500000
}

# ask CONTROL: asks the token for what every body is asked for, if this is a body that was not asked yet.
ask() {
  [ -n "$name" ] || return 0
  export FOB_TOKEN
  case $1 in
    # The simulator presses and pulls, and the kernel sees the device go and come.
    unix:/tmp/uhid) body "$name" totp "$fob" --control /tmp/uhid ;;
    # Nobody presses, so that the checks of the touch see it waited for.
    *)
      sim button manual
      body "$name" totp "$fob"
      sim button automatic
      ;;
  esac >/tmp/out
  cat /tmp/out
  grep -q '	passed	' /tmp/out && ! grep -q '	failed	' /tmp/out
  ok "every body's checks: $(grep -c '	passed	' /tmp/out) passed, $(grep -c '	failed	' /tmp/out) failed"
  name=
}

# reset_bus: has the kernel reset the port of the token, and set the token up again.
reset_bus() {
  for device in /sys/bus/usb/devices/*; do
    [ "$(cat "$device/product" 2>/dev/null)" = Watchfob ] || continue
    usbreset "/dev/bus/usb/$(printf %03d/%03d "$(cat "$device/busnum")" "$(cat "$device/devnum")")"
    return
  done
  return 1
}

# firmware FOB: what a person does with a Pico, whose firmware's own USB driver this kernel talks to. It has no
# battery: after the cable was out, the clock has to be set again, which takes the password.
firmware() {
  fob=$1
  control=firmware
  unset FOB_TOKEN
  until_there 0
  ok "the firmware is on the bus"
  run 0 "$fob" devices && says usb
  ok "fob devices lists it"
  run 0 "$fob" password set --new-password-file /tmp/password
  ok "an empty token takes a password"
  run 0 "$fob" clock sync $unlock
  ok "clock sync sets its clock"
  run 0 "$fob" add Shop:ann --uri-file /tmp/old.uri $unlock
  ok "add"
  same $old "$fob" code Shop:ann $unlock
  ok "code gives oathtool's code"
  run 0 reset_bus
  ok "the kernel resets the bus"
  until_there 0 && same $old "$fob" code Shop:ann $unlock
  ok "and the code is right"
  # The rest is the same for both builds, and takes a while.
  if [ -z "$name" ]; then
    run 0 "$fob" disable Shop:ann --yes $unlock && run 0 "$fob" password clear $unlock
    ok "disable, and no password any more"
    return
  fi
  run 0 "$fob" update Shop:ann --uri-file /tmp/new.uri --yes $unlock
  ok "update"
  same $new "$fob" login Shop:ann $unlock
  ok "login after the update gives the new secret's code"

  # The bus is reset in the middle of whatever a program does.
  for delay in 20000 60000 100000; do
    "$fob" list $unlock >/dev/null 2>&1 &
    usleep $delay
    reset_bus >/dev/null 2>&1
    wait $!
  done
  until_there 0 && same $new "$fob" code Shop:ann $unlock
  ok "after resets in the middle of commands the code is right"

  sim unplug
  until_there 3
  ok "its cable is pulled, and it is gone"
  sim plug
  until_there 0
  ok "and is back when it is plugged in"
  run 7 "$fob" code Shop:ann $unlock
  ok "it says that it lost the time"
  run 0 "$fob" clock sync --yes $unlock && same $new "$fob" code Shop:ann $unlock
  ok "and after clock sync the code is right"
  run 0 "$fob" disable Shop:ann --yes $unlock && run 0 "$fob" password clear $unlock
  ok "disable, and no password any more"
  run 0 "$fob" check --soak 100
  ok "100 transactions, and nothing lost"
  FOB_TOKEN=usb ask firmware
}

# QEMU has both on the bus; one at a time is enough.
control=firmware
sim unplug

name=usbredir
for build in hidraw libusb; do
  title="usbredir, hidapi-$build"
  flow "fob-$build" serial
done
sim unplug
until_there 3

simulator usbip
title=USB/IP
attach
ok "usbip attach"
name=USB/IP
for build in hidraw libusb; do
  title="USB/IP, hidapi-$build"
  flow "fob-$build" unix:/tmp/usbip
done
kill $simulator

simulator uhid
title="uhid, hidapi-hidraw"
name=uhid
flow fob-hidraw unix:/tmp/uhid
kill $simulator

name='firmware on usbredir'
control=firmware
sim plug
for build in hidraw libusb; do
  title="firmware, hidapi-$build"
  firmware "fob-$build"
done

echo "guest: $passed passed, $failed failed"
