# How everything for a Cortex-M0+ is compiled: sourced by Firmware/build and Firmware/LinkCheck/check.sh,
# which set `out` to the folder they write into and run in the project's root.

triple=armv6m-none-none-eabi
processor=cortex-m0plus
here=$(pwd -P)

fail() {
  echo "firmware: $*" >&2
  exit 1
}

command -v swiftc >/dev/null || fail "swiftc is not on the PATH; install Swift 6.3 (swift.org/install)"
tools=$(dirname "$(readlink -f "$(command -v swiftc)")")
resources=$(swiftc -print-target-info -target $triple | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
[ -f "$resources/embedded/Swift.swiftmodule/$triple.swiftmodule" ] ||
  fail "this Swift has no standard library for $triple; Swift 6.3 from swift.org has (yours: $(swiftc --version 2>/dev/null | head -n 1))"
for tool in clang ld.lld llvm-nm llvm-objcopy llvm-objdump; do
  [ -x "$tools/$tool" ] || fail "the Swift toolchain in $tools has no $tool"
done

# FOLDER: its Swift files, in an order that depends on nothing.
sources() { find "$1" -name '*.swift' | LC_ALL=C sort; }

# NAME SOURCE...: compiles a module to $out/NAME.o, for the linker to optimise with the others as one
# program, and writes what the next modules import.
#
# By way of LLVM's text form: the compiler cannot write its binary form for this processor. Volatile
# accesses stay loads and stores, because of +atomics-32, instead of becoming calls. Three things are done for
# size, and measured: the traps of a function are merged into one (which function it was is still known), no
# loop is written out by Swift's optimiser, which does not ask whether that is smaller, and structs are taken
# apart by LLVM alone.
module() {
  name=$1
  shift
  swiftc -target $triple -module-name "$name" -swift-version 6 -wmo -Osize -parse-as-library \
    -enable-experimental-feature Embedded -enable-experimental-feature RawLayout \
    -Xfrontend -disable-stack-protector -Xfrontend -mergeable-traps -Xllvm -sil-disable-pass=loop-unroll \
    -Xllvm -sil-disable-pass=sroa \
    -Xcc -mcpu=$processor -Xcc -Xclang -Xcc -target-feature -Xcc -Xclang -Xcc +atomics-32 \
    -file-prefix-map "$here=." -I "$out" -emit-module -emit-module-path "$out/$name.swiftmodule" \
    -emit-ir -o "$out/$name.ll" "$@"
  "$tools/clang" --target=$triple -mcpu=$processor -Oz -flto=full -Wno-override-module \
    -c -o "$out/$name.o" "$out/$name.ll"
}

# FILE.S OBJECT
assemble() {
  "$tools/clang" --target=$triple -mcpu=$processor -c -o "$2" "$1"
}

# SCRIPT IMAGE OBJECT...
#
# Three passes of the code generator that mean speed and cost 2 % of the size are left out.
link() {
  script=$1 image=$2
  shift 2
  "$tools/ld.lld" --gc-sections --build-id=none -mllvm --stack-size-section \
    -mllvm -disable-machine-cse -mllvm -disable-block-placement -mllvm -disable-lsr \
    -T "$script" -Map="${image%.elf}.map" -o "$image" "$@" ||
    fail "it does not link: see the undefined symbols above; an allocator's mean that something uses the heap"
  # The linker would have said so; this is for the day when somebody adds an allocator to the runtime.
  heap='swift_allocObject|swift_slowAlloc|malloc|calloc|realloc|posix_memalign|aligned_alloc|free'
  if "$tools/llvm-nm" "$image" | grep -E " ($heap)\$"; then
    fail "$image holds the functions above: something in it uses the heap"
  fi
}

# IMAGE SECTION: its bytes.
size() {
  hexadecimal=$("$tools/llvm-objdump" -h "$1" | awk -v name="$2" '$2 == name { print $3 }')
  echo $((0x${hexadecimal:-0}))
}
