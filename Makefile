# What one does with Watchfob. 'make demo' and 'make test' set the machine up by themselves.

# What is installed looks for libraries where the system does, and not in its own folder, where others may have put some.
RELEASE = --configuration release --static-swift-stdlib --disable-local-rpath
FOB = .build/release/fob
CONSOLE = .build/release/console

RELEASE_LIBUSB = $(RELEASE) --scratch-path .build-libusb

.PHONY: demo console test test-power test-usb test-browser screenshots build embedded firmware reproduce measure bench deep format lint install install-files clean setup bench-console check-guest check-bodies document-bodies

## Watch a simulated token take an account through every flow.
demo: build
	@$(FOB) demo

## Run every test, also on the firmware images, and link the core for a Cortex-M0+ without an allocator.
test: setup embedded firmware
	swift build --build-tests
	swift test --skip-build --skip BrowserTests

## Cut the power of a store and of a token two million times, and of the Pico's image some. REPEAT=… does again what a failure says.
test-power: setup firmware
	swift build $(RELEASE) --product power-cuts
	.build/release/power-cuts --image .build/firmware/Pico.elf $(if $(REPEAT),--repeat $(REPEAT))

## Use fob on a real kernel's USB and HID stack, with the simulated token and with the Pico's firmware; ask the same
## of every body of the token; and have an unmodified ykman use it over PC/SC.
test-usb: check-bodies
	Tests/PCSC/check.sh $(FOB)

## Use fob in a guest, with the token on its kernel's USB.
check-guest: build firmware
	HostTools/setup usb
	WATCHFOB_HIDAPI=libusb swift build $(RELEASE_LIBUSB) --product fob
	Tests/Guest/run.sh $(FOB) .build-libusb/release/fob .build/firmware/Pico.uf2 .build/guest

## Ask the same of every body of the token, and print one table.
check-bodies: check-guest
	Tests/Bodies/run.sh $(FOB) .build/firmware .build/guest/transcript .build/bodies

## Put the table that 'make check-bodies' made last into its page.
document-bodies:
	Tests/Bodies/document.sh .build/bodies/table.md Docs/conformance.md

## Click through the console's flows in Chromium, with codes of a simulated token.
test-browser: setup
	HostTools/setup browser
	WATCHFOB_TESTS=BrowserTests swift test --skip Screenshots

# Those of the pictures that the documentation shows.
SHOWN = token-desktop-light organization-desktop-light backup-codes-desktop-dark \
  enable-mfa-phone-light profile-phone-dark
## Make pictures of the console's pages in .build/screenshots, and put those that are shown into Docs/images.
screenshots: setup
	HostTools/setup browser
	mkdir -p .build/screenshots
	WATCHFOB_TESTS=BrowserTests WATCHFOB_SCREENSHOTS=$(CURDIR)/.build/screenshots swift test --filter Screenshots
	cp $(SHOWN:%=.build/screenshots/console-%.png) Docs/images

## Run what takes long and a whole machine: two consoles on one file, killed again and again; a PostgreSQL that is paused,
## read-only, cut off or gone; a thousand changes meanwhile; and a standby that takes over.
deep: setup
	swift build $(RELEASE) --product console
	Tests/Systems/Consoles/run.sh .build/release/console

## Build fob for use.
build: setup
	swift build $(RELEASE) --product fob

## Serve the account's MFA pages at http://127.0.0.1:8080/, with a simulated token beside them.
console: build
	swift build $(RELEASE) --product console
	@$(FOB) console --with-token

## Compile and link OATH and TokenCore with Embedded Swift for armv6m.
embedded: setup
	Firmware/LinkCheck/check.sh

## Build the firmware images into .build/firmware, and say how large they are.
firmware: setup
	Firmware/build

## Build the firmware images twice, in two folders, and compare them bit by bit.
reproduce: setup
	Firmware/reproduce

## Measure what the firmware costs, and write it into Docs/firmware.md.
measure: setup
	Firmware/measure --write

## Compare codes a second with OpenSSL and liboath, in one run.
bench: setup
	swift build $(RELEASE) --product bench
	.build/release/bench

## Run the study of clocks and verifiers from its seed, and write it into Docs/clock.md.
clock-study: setup
	swift build $(RELEASE) --product study
	.build/release/study Docs

## Compare verified logins a second with django-otp, on SQLite and PostgreSQL, in one run.
bench-console: setup
	HostTools/setup bench-console
	swift build $(RELEASE) --product bench-console
	HostTools/bench-console/run .build/release/bench-console

PREFIX ?= /usr/local
# udev reads this folder for /usr and /usr/local; for another PREFIX, say which.
UDEV_RULES ?= $(PREFIX)/lib/udev/rules.d
## Install fob, its manual page, its completions and the udev rule for tokens under $(PREFIX).
install: build
	swift build $(RELEASE) --product console
	$(MAKE) install-files

# Names may have spaces, and what is installed is for everybody, whatever the umask.
BASE = $(DESTDIR)$(PREFIX)
## Install what was built.
install-files:
	umask 022 && \
	install -D -m 0755 "$(FOB)" "$(BASE)/bin/fob" && \
	install -D -m 0755 "$(CONSOLE)" "$(BASE)/libexec/watchfob/console" && \
	install -D -m 0644 HostTools/fob/man/fob.1 "$(BASE)/share/man/man1/fob.1" && \
	install -D -m 0644 HostTools/udev/70-watchfob.rules "$(DESTDIR)$(UDEV_RULES)/70-watchfob.rules" && \
	for shell in bash:bash-completion/completions/fob zsh:zsh/site-functions/_fob fish:fish/vendor_completions.d/fob.fish; do \
	  "$(FOB)" completions "$${shell%%:*}" | install -D -m 0644 /dev/stdin "$(BASE)/share/$${shell#*:}" || exit 1; \
	done

format:
	swift format --in-place --recursive Package.swift Sources Tests HostTools Firmware

lint:
	swift format lint --strict --recursive Package.swift Sources Tests HostTools Firmware

setup:
	@HostTools/setup

clean:
	rm -rf .build
