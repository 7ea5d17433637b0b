#!/bin/sh
# Has an unmodified ykman use the simulated token as a smart card: pcscd, its virtual reader (vpcd) and
# 'fob sim pcsc', in a network, /run and process table of their own. So nothing listens where anyone
# else could connect, no reader of this computer is touched, and nothing is left running.
#
# Usage: Tests/PCSC/check.sh [FOB]     FOB: the executable, by default the one of 'make build'
# Prints a line for each check and 'N passed, M failed'. Exit status: 0 if none failed.
set -u

reader='Virtual PCD 00 00'
driver=/usr/lib/pcsc/drivers/serial/libifdvpcd.so
# All of this is in the private /run, and goes with it.
folder=/run/check
PATH=$PATH:/usr/sbin:/sbin

# --- Outside: a private world --------------------------------------------------------------------

fail() {
  echo "PC/SC check: $*" >&2
  exit 1
}

outside() {
  fob=$(readlink -f "${1:-$(dirname "$0")/../../.build/release/fob}") && [ -x "$fob" ] ||
    fail "there is no fob; 'make build' makes it"
  for tool in ykman oathtool pcscd ip unshare; do
    command -v "$tool" >/dev/null ||
      fail "no $tool: apt-get install yubikey-manager oathtool pcscd vsmartcard-vpcd iproute2"
  done
  [ -f "$driver" ] || fail "no virtual reader: apt-get install vsmartcard-vpcd"
  private='--net --mount --pid --fork --kill-child --mount-proc'
  [ "$(id -u)" -eq 0 ] || private="--user --map-root-user $private"
  # shellcheck disable=SC2086
  unshare $private true 2>/dev/null ||
    fail "no namespaces for it here ('unshare $private' is refused): run it as root, or allow user namespaces"
  # shellcheck disable=SC2086
  exec unshare $private sh "$(readlink -f "$0")" --inside "$fob"
}

if [ "${1:-}" != --inside ]; then outside "$@"; fi

# --- Inside: what the checks are made of ---------------------------------------------------------

fob=$2
passed=0
failed=0

# A process 1 has no default for signals.
trap 'exit 130' INT TERM HUP

ok() {
  passed=$((passed + 1))
  echo "ok    $1"
}

# TITLE DETAIL
no() {
  failed=$((failed + 1))
  echo "FAIL  $1"
  printf '%s\n' "$2" | sed 's/^/      /'
}

# TITLE EXPECTED FOUND
same() {
  if [ "$2" = "$3" ]; then ok "$1"; else no "$1" "expected '$2', found '$3'"; fi
}

# ARGUMENT...: runs ykman; sets output and status.
yk() {
  output=$(timeout 60 ykman --reader "$reader" "$@" </dev/null 2>&1)
  status=$?
}

# TITLE ARGUMENT...: ykman does that.
does() {
  title=$1
  shift
  yk "$@"
  if [ "$status" -eq 0 ]; then ok "$title"; else no "$title" "status $status: $output"; fi
}

# TITLE TEXT ARGUMENT...: ykman does that, and says TEXT.
says() {
  title=$1 text=$2
  shift 2
  yk "$@"
  case $status:$output in
  0:*"$text"*) ok "$title" ;;
  *) no "$title" "status $status, and no '$text': $output" ;;
  esac
}

# TITLE ARGUMENT...: ykman is refused, and says so in a line.
declines() {
  title=$1
  shift
  yk "$@"
  case $status:$output in
  0:* | *Traceback*) no "$title" "status $status: $output" ;;
  *) ok "$title" ;;
  esac
}

# TITLE TEXT ARGUMENT...: ykman is refused, and says TEXT.
refuses() {
  title=$1 text=$2
  shift 2
  yk "$@"
  case $status:$output in
  0:*) no "$title" "it was done: $output" ;;
  *:*"$text"*) ok "$title" ;;
  *) no "$title" "status $status, and no '$text': $output" ;;
  esac
}

# TITLE COMMAND...: the command succeeds within 20 s.
soon() {
  title=$1
  shift
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -eq 100 ]; then
      no "$title" "still not so after 20 s"
      return 1
    fi
    sleep 0.2
  done
  ok "$title"
}

# BYTES: a fresh random key as Base32 without padding.
key() { head -c "$1" /dev/urandom | base32 -w 0 | tr -d =; }

# TITLE NAME KEY OPTION...: ykman's code is the one that oathtool, with those options, has for the time
# before or after.
agrees() {
  title=$1 name=$2 key=$3
  shift 3
  before=$(date +%s)
  yk oath accounts code --single "$name"
  after=$(date +%s)
  code=$(printf '%s\n' "$output" | tail -n 1)
  for time in "$before" "$after"; do
    if [ "$status" -eq 0 ] && [ "$(oathtool -b "$@" --now "@$time" "$key")" = "$code" ]; then
      ok "$title"
      return
    fi
  done
  no "$title" "status $status: $output; oathtool $*: $(oathtool -b "$@" --now "@$after" "$key")"
}

# TITLE NAME KEY COUNTER DIGITS: the same for an HOTP code.
counts() {
  yk oath accounts code --single "$2"
  same "$1" "$(oathtool -b --hotp --counter="$4" --digits="$5" "$3")" "$output"
}

# --- Inside: the world ---------------------------------------------------------------------------

world() {
  ip link set lo up && mount -t tmpfs -o mode=755 tmpfs /run || fail "no private network or /run"
  mkdir -p -m 700 $folder/home $folder/readers $folder/keys
  cp "$driver" $folder/driver.so
  # What pcscd finds on the USB bus has no driver, and is left alone.
  mount -t tmpfs tmpfs /usr/lib/pcsc/drivers || fail "no private drivers"
  cat >$folder/readers/vpcd <<END
FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      $folder/driver.so
CHANNELID    0x8C7B
END
  unset XDG_DATA_HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME PCSCLITE_CSOCK_NAME
  export HOME=$folder/home LC_ALL=C.UTF-8 FOB_TOKEN=unix:$folder/token
  "$fob" sim pcsc --memory --socket $folder/token >$folder/fob.log 2>&1 &
  simulator=$!
  # Before there is a reader, and again after one went.
  soon "fob says that there is no reader yet" grep -q 'There is no reader' $folder/fob.log
  start_pcscd
  soon "the card goes into the reader" grep -q 'The card is in the reader' $folder/fob.log ||
    fail "$(cat $folder/fob.log $folder/pcscd.log)"
}

start_pcscd() {
  pcscd --foreground --config $folder/readers >>$folder/pcscd.log 2>&1 &
  pcscd=$!
}

# --- The checks ----------------------------------------------------------------------------------

# name | bytes of the key | options of ykman | options of oathtool
accounts='
sha1-six|20|--algorithm SHA1|--totp=sha1
sha256-six|32|--algorithm SHA256|--totp=sha256
sha512-six|64|--algorithm SHA512|--totp=sha512
sha1-eight|20|--digits 8|--totp=sha1 --digits=8
sha256-eight|32|--algorithm SHA256 --digits 8|--totp=sha256 --digits=8
sha512-eight|64|--algorithm SHA512 --digits 8|--totp=sha512 --digits=8
seven|20|--digits 7|--totp=sha1 --digits=7
minute|20|--period 60|--totp=sha1 --time-step-size=60s
short-key|5|--algorithm SHA1|--totp=sha1
long-key|100|--algorithm SHA1|--totp=sha1
long-key-512|150|--algorithm SHA512 --digits 8|--totp=sha512 --digits=8
touched|20|--touch|--totp=sha1
'

# FUNCTION: calls it with each account's name, bytes, ykman's and oathtool's options.
each() {
  while IFS='|' read -r name bytes yk_options oath_options; do
    [ -z "$name" ] || "$1" "$name" "$bytes" "$yk_options" "$oath_options"
  done <<END
$accounts
END
}

add_account() {
  key "$2" >"$folder/keys/$1"
  # shellcheck disable=SC2086
  does "add $1: a key of $2 bytes, $3" oath accounts add --force $3 "$1" "$(cat "$folder/keys/$1")"
}

check_code() {
  # shellcheck disable=SC2086
  agrees "the code of $1 is oathtool's" "$1" "$(cat "$folder/keys/$1")" $4
}

# In 'all', the codes of all accounts that ykman gave between 'before' and 'after'.
check_in_all() {
  [ "$1" != touched ] || return 0
  for time in "$before" "$after"; do
    # shellcheck disable=SC2086
    code=$(oathtool -b $4 --now "@$time" "$(cat "$folder/keys/$1")")
    if printf '%s\n' "$all" | grep -q -E "^(60/)?$1 *$code\$"; then
      ok "all codes at once have $1's"
      return 0
    fi
  done
  no "all codes at once have $1's" "oathtool: $code; ykman: $all"
}

check_accounts() {
  says "ykman info finds the OATH application" 'OATH' info
  says "ykman oath info has its version" 'OATH version: 5.' oath info
  says "there is no password at first" 'Password protection: disabled' oath info
  yk oath accounts list
  same "the token is empty at first" '' "$output"

  each add_account
  yk oath accounts list
  # ykman shows a period that stands before a name without issuer.
  same "all of them are listed" "$(printf '%s' "$accounts" | sed '/^$/d; s/|.*//' | sort)" \
    "$(printf '%s\n' "$output" | sed 's|^60/||' | sort)"
  says "the list has the period" 'minute, TOTP, 60' oath accounts list --oath-type --period
  each check_code
  before=$(date +%s)
  yk oath accounts code
  after=$(date +%s)
  all=$output
  each check_in_all
  says "all codes at once leave the button alone" 'touched' oath accounts code
  case $output in
  *'[Requires Touch]'*) ok "and say who wants it" ;;
  *) no "and say who wants it" "$output" ;;
  esac
}

check_hotp() {
  key=$(key 20)
  does "add an HOTP account" oath accounts add --force --oath-type HOTP counted "$key"
  for counter in 0 1 2; do counts "its code at $counter is oathtool's" counted "$key" $counter 6; done
  key=$(key 32)
  does "add one of 8 digits that starts at 1000" \
    oath accounts add --force --oath-type HOTP --digits 8 --counter 1000 later "$key"
  for counter in 1000 1001; do counts "its code at $counter is oathtool's" later "$key" $counter 8; done
  says "the list has its type" 'later, HOTP' oath accounts list --oath-type
}

wants_touch() { "$fob" sim status --json | grep -q wants-touch; }

check_button() {
  "$fob" sim button manual 2>/dev/null
  before=$(date +%s)
  timeout 60 ykman --reader "$reader" oath accounts code --single touched \
    >$folder/touched 2>/dev/null </dev/null &
  waiting=$!
  soon "a code waits for the button" wants_touch
  sleep 1
  same "and is not given before" '' "$(cat $folder/touched)"
  "$fob" sim press 2>/dev/null
  wait $waiting
  code=$(tail -n 1 $folder/touched)
  key=$(cat $folder/keys/touched)
  case $code in
  "$(oathtool -b --totp --now "@$before" "$key")" | "$(oathtool -b --totp "$key")")
    ok "and is oathtool's once it is pressed"
    ;;
  *) no "and is oathtool's once it is pressed" "$code" ;;
  esac
  "$fob" sim button automatic 2>/dev/null
}

check_changes() {
  key=$(cat $folder/keys/seven)
  does "rename an account" oath accounts rename --force seven 'Söhne & Co:seven'
  agrees "it has its code under the new name" 'Söhne & Co:seven' "$key" --totp --digits=7
  refuses "a name that exists is not taken by another" '' \
    oath accounts rename --force 'Söhne & Co:seven' sha1-six
  does "rename an account that has a period" oath accounts rename --force minute 'Shop:minute'
  agrees "it keeps its period" 'Shop:minute' "$(cat $folder/keys/minute)" --totp --time-step-size=60s
  same "fob sees the new names" 2 \
    "$("$fob" list --json | grep -c -e 'Söhne & Co:seven' -e 'Shop:minute')"

  key=$(key 20)
  does "replace an account" oath accounts add --force sha1-six "$key"
  agrees "it has the new key's code" sha1-six "$key" --totp
  key=$(key 20)
  does "add an account by its URI" oath accounts uri --force \
    "otpauth://totp/Shop:ann%40example.com?secret=$key&issuer=Shop&algorithm=SHA256&digits=8&period=45"
  agrees "its code is oathtool's" 'Shop:ann@example.com' "$key" --totp=sha256 --digits=8 \
    --time-step-size=45s

  does "delete an account" oath accounts delete --force sha512-six
  yk oath accounts list
  case $output in
  *sha512-six*) no "it is no longer listed" "$output" ;;
  *) ok "it is no longer listed" ;;
  esac
  # ykman ends with 0 then.
  says "an account that is not there is not deleted" 'No matches' \
    oath accounts delete --force sha512-six
}

check_password() {
  yk oath accounts list
  listed=$output
  does "set a password" oath access change --new-password 'first word'
  says "ykman knows that there is one" 'Password protection: enabled' oath info
  refuses "without it nothing is listed" 'password' oath accounts list
  refuses "a wrong one is refused" 'Authentication' oath accounts list --password 'first worD'
  refuses "and gives no code" 'Authentication' oath accounts code --password 'second' sha1-eight
  yk oath accounts list --password 'first word'
  same "with it all is as before" "$listed" "$output"
  "$fob" list </dev/null >/dev/null 2>&1
  same "fob is refused without it as well" 6 $?

  does "have it remembered" oath access remember --password 'first word'
  yk oath accounts list
  same "it need not be given then" "$listed" "$output"
  does "have it forgotten" oath access forget
  refuses "it has to be given again" 'password' oath accounts list

  does "change it" oath access change --password 'first word' --new-password 'second word'
  refuses "the old one is refused" 'Authentication' oath accounts list --password 'first word'
  does "the new one is taken" oath accounts list --password 'second word'
  does "clear it" oath access change --password 'second word' --clear
  says "ykman knows that there is none" 'Password protection: disabled' oath info
  yk oath accounts list
  same "all is as before" "$listed" "$output"
}

check_full() {
  # Names as long as they get, so that a list takes many pieces.
  count=$(printf '%s\n' "$listed" | wc -l)
  while [ "$count" -lt 64 ]; do
    count=$((count + 1))
    key 20 | "$fob" add "filler $count $(printf '%050d' 0)" --key - >/dev/null 2>&1 || break
  done
  yk oath accounts list
  same "a list of all 64 accounts comes through" 64 "$(printf '%s\n' "$output" | wc -l)"
  refuses "a 65th has no room" 'space' oath accounts add --force one-more "$(key 20)"
  yk oath accounts list
  same "and nothing is lost" 64 "$(printf '%s\n' "$output" | wc -l)"
}

lists_anything() { ykman --reader "$reader" oath accounts list </dev/null >/dev/null 2>&1; }
lists() { ykman --reader "$reader" oath accounts list </dev/null 2>/dev/null | grep -q sha1-six; }
lists_not() { ! lists; }

check_cable() {
  "$fob" sim unplug 2>/dev/null
  soon "off its cable, the card is out of the reader" lists_not
  "$fob" sim plug 2>/dev/null
  soon "on its cable, it is in again, and has what it had" lists
  kill $pcscd
  wait $pcscd
  soon "fob says that the reader is gone" grep -q 'is gone' $folder/fob.log
  start_pcscd
  soon "the card goes into the reader that is back" lists
}

check_reset() {
  "$fob" sim button never 2>/dev/null
  timeout 60 ykman --reader "$reader" oath accounts code --single touched \
    >$folder/touched 2>&1 </dev/null &
  waiting=$!
  soon "a code waits for a button that nobody presses" wants_touch
  "$fob" sim warp 16s 2>/dev/null
  wait $waiting
  same "it is refused in the end" 1 $?

  does "set a password that is remembered" oath access change --new-password word
  does "have it remembered" oath access remember --password word
  does "reset" oath reset --force
  says "there is no password any more" 'Password protection: disabled' oath info
  yk oath accounts list
  same "and no account" '' "$output"
  does "set the same password" oath access change --new-password word
  refuses "it is another device: what was remembered does not help" 'password' oath accounts list
  does "clear it" oath access change --password word --clear
  "$fob" clock sync >/dev/null 2>&1
  key=$(key 20)
  does "add an account again" oath accounts add --force anew "$key"
  agrees "its code is oathtool's" anew "$key" --totp
}

# What is on the token for the checks of its clock: each kind of account.
add_each_kind() {
  does "$1: reset" oath reset --force
  plain=$(key 20)
  does "$1: add one" oath accounts add --force plain "$plain"
  does "$1: add another" oath accounts add --force other "$(key 20)"
  does "$1: add one of 60 s" oath accounts add --force --period 60 minute "$(key 20)"
  does "$1: add one of 7 s" oath accounts add --force --period 7 short "$(key 20)"
  does "$1: add an HOTP one" oath accounts add --force --oath-type HOTP counting "$(key 20)"
  does "$1: add one with touch" oath accounts add --force --touch pressed "$(key 20)"
  does "$1: set a password" oath access change --new-password 'first'
  does "$1: change it" oath access change --password 'first' --new-password 'second'
  does "$1: clear it" oath access change --password 'second' --clear
}

# TITLE: all of them are shown, whatever their codes.
shows_each_kind() {
  does "$1: all codes" oath accounts code
  for name in plain other minute short counting pressed; do
    case $output in
    *$name*) ok "$1: all codes have $name" ;;
    *) no "$1: all codes have $name" "$output" ;;
    esac
  done
}

# A token that ykman alone has ever talked to.
check_new() {
  add_each_kind "a new token"
  shows_each_kind "a new token"
  check_kind_codes "a new token"
}

# TITLE: the codes of the accounts are right by this computer's time.
check_kind_codes() {
  key=$(key 20)
  does "$1: replace the plain one" oath accounts add --force plain "$key"
  agrees "$1: its code is oathtool's" plain "$key" --totp
  key=$(key 20)
  does "$1: replace that of 60 s" oath accounts add --force --period 60 minute "$key"
  agrees "$1: its code is oathtool's" minute "$key" --totp --time-step-size=60s
  does "$1: a code that counts" oath accounts code --single counting
}

# A token whose clock is an hour ahead; and one that has lost its time and was reset.
check_apart() {
  "$fob" sim warp 3600s 2>/dev/null
  add_each_kind "an hour ahead"
  shows_each_kind "an hour ahead"
  # ykman takes it for one that counts, and asks for the token's own code.
  before=$(($(date +%s) + 3600))
  yk oath accounts code --single plain
  case $output in
  "$(oathtool -b --totp --now "@$before" "$plain")" | \
    "$(oathtool -b --totp --now "@$(($(date +%s) + 3600))" "$plain")")
    ok "an hour ahead: the code of that hour"
    ;;
  *) no "an hour ahead: the code of that hour" "status $status: $output" ;;
  esac
  does "an hour ahead: a code that counts" oath accounts code --single counting
  does "an hour ahead: reset" oath reset --force
  "$fob" clock sync >/dev/null 2>&1
  add_each_kind "put right"
  shows_each_kind "put right"
  check_kind_codes "put right"

  "$fob" sim unplug 2>/dev/null
  "$fob" sim battery out 2>/dev/null
  "$fob" sim battery in 2>/dev/null
  "$fob" sim plug 2>/dev/null
  soon "without its time, the card is in the reader" lists_anything
  add_each_kind "no time"
  shows_each_kind "no time"
  declines "no time: no code" oath accounts code --single plain
}

check_end() {
  "$fob" sim stop 2>/dev/null
  wait $simulator
  same "the simulator ends as asked" 0 $?
}

world
# ykman alone so far.
check_new
check_apart
does "an empty token again" oath reset --force
"$fob" clock sync 2>/dev/null || fail "the clock was not set"
check_accounts
check_hotp
check_button
check_changes
check_password
check_full
check_cable
check_reset
check_end

if [ $failed -ne 0 ]; then
  echo '--- fob' && cat $folder/fob.log
  echo '--- pcscd' && cat $folder/pcscd.log
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
