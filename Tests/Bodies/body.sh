# What every body of the token is asked for, in this order: the flows of an account, with oathtool for the
# site, then 'fob check'. To be sourced, by run.sh and in the guest. Results are lines of four fields with tabs
# between them: 'body NAME', the check, how it ended, and why it was not checked or what happened.

# The keys that the site gives out: at first, and at the update.
first_key=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP
second_key=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ

# body NAME KIND FOB [CHECK OPTION...]: the token that FOB_TOKEN chooses, which is empty. KIND is totp, or hotp for one
# that each command plugs in and pulls out, so that it lives without a clock.
body() {
  body=$1
  kind=$2
  body_fob=$3
  shift 3
  body_files=$(mktemp -d)
  counter=''
  [ "$kind" = totp ] || counter='&counter=0'
  printf 'otpauth://%s/Site:ann?secret=%s&issuer=Site%s\n' $kind $first_key "$counter" >"$body_files/first"
  printf 'otpauth://%s/Site:ann?secret=%s&issuer=Site%s\n' $kind $second_key "$counter" >"$body_files/second"
  printf '1111-aaaa\n2222-bbbb\n' >"$body_files/backup"
  body_flow
  body_check "$@"
  rm -r "$body_files"
}

result() { printf 'body %s\t%s\t%s\t%s\n' "$body" "$1" "$2" "${3:-}"; }

# step NAME STATUS FOB-ARGUMENTS...: one of the flow's steps, and how it has to end.
step() {
  step=$1
  expected=$2
  shift 2
  "$body_fob" "$@" >"$body_files/out" 2>"$body_files/err" </dev/null
  status=$?
  if [ $status -eq "$expected" ]; then
    result "flow.$step" passed
  else
    result "flow.$step" failed "status $status: $(tail -n 1 "$body_files/err")"
  fi
}

# accepted STEP KEY: whether a site with that key takes the code of a login: that of now or of half a minute before, or one
# of the next few that are counted.
accepted() {
  code=$("$body_fob" login Site:ann 2>"$body_files/err" </dev/null)
  case $kind in
    totp) options='--totp --now=@'$(($(date +%s) - 30)) ;;
    hotp) options='--hotp --counter=0' ;;
  esac
  # shellcheck disable=SC2086
  if [ -n "$code" ] && oathtool $options --base32 --window=5 "$2" "$code" >/dev/null 2>&1; then
    result "flow.$1" passed
  else
    result "flow.$1" failed "the site refuses the code; $(tail -n 1 "$body_files/err")"
  fi
}

body_flow() {
  step clock 0 clock sync
  step enable 0 enable --uri-file "$body_files/first" --yes --backup-codes "$body_files/backup"
  accepted login $first_key
  step recover 0 recover Site:ann
  step update 0 update Site:ann --uri-file "$body_files/second" --yes
  accepted login-after-update $second_key
  step disable 0 disable Site:ann --yes
  step gone 4 login Site:ann
}

# A line a check is what 'fob check' prints; one that failed has more below it.
body_check() {
  "$body_fob" check "$@" >"$body_files/check" 2>"$body_files/err" </dev/null
  sed -n \
    -e "s/^✓ \([^ ]*\) .*/\1|passed|/p" \
    -e "s/^– \([^ ]*\) .*: not checked, \(.*\)/\1|not checked|\2/p" \
    -e "s/^✗ \([^ ]*\) .*/\1|failed|/p" \
    -e "s/^    \(sent\|expected\|received\)  */# \1 /p" \
    "$body_files/check" | while IFS='|' read -r id outcome reason; do
    case $id in
      '#'*) echo "    $id" ;;
      *) result "$id" "$outcome" "$reason" ;;
    esac
  done
  grep -q '^[0-9]* checks: .* not checked\.$' "$body_files/check" ||
    result check.complete failed "$(tail -n 1 "$body_files/err")"
}
