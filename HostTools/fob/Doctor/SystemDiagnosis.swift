import HIDAPITransport

/// What the machine does for tokens on USB, or fails to do: library, kernel, udev rule, and the
/// tokens that it shows. Nothing is opened.
struct SystemDiagnosis {
  let tree: SystemTree
  let build: HIDLibrary.Build
  let version: String
  /// What the library lists.
  let tokens: [USBToken]
  /// Whether everything is open to this person anyway.
  let isRoot: Bool
  /// Whether this person may read and write a node; a test answers by itself.
  let mayOpen: (String) -> Bool

  var findings: [Finding] {
    [library, kernel, rule] + devices + permissions
  }

  /// The tokens that it is worth talking to.
  var reachable: [USBToken] {
    tokens.filter { token in node(of: token).map(mayOpen) ?? true }
  }

  // MARK: The checks

  private var library: Finding {
    let words = "libhidapi \(Printable.text(version)), in its \(build.rawValue) build"
    switch build {
    case .hidraw: return .ok(.library, words)
    case .libusb: return .ok(.library, words + ": one program at a time can use a token")
    }
  }

  private var kernel: Finding {
    switch build {
    case .hidraw where tree.hasHIDRaw: .ok(.kernel, "the kernel has hidraw")
    case .libusb where tree.hasUSB: .ok(.kernel, "the kernel has USB")
    case .hidraw:
      .failed(
        .kernel, "the kernel has no hidraw: there is no /sys/class/hidraw",
        "Load it with 'sudo modprobe -a usbhid hid-generic'. Kernels for virtual machines in a "
          + "cloud have neither: install the usual one (on Debian, linux-image-amd64).")
    case .libusb:
      .failed(
        .kernel, "the kernel has no USB: there is no /sys/bus/usb/devices",
        "Load it with 'sudo modprobe usbcore'. Kernels for virtual machines in a cloud do not have "
          + "it: install the usual one (on Debian, linux-image-amd64).")
    }
  }

  private var rule: Finding {
    guard tree.hasUdev else {
      return .note(
        .rule, "udev does not run here, so that no rule has an effect",
        "Whoever runs this machine has to open the tokens' files to you.")
    }
    let install = "Put it in place: '\(UdevRule.installing)'; then plug the token in anew."
    let observation: String
    switch UdevRule.presence(in: tree) {
    case .current(let file):
      return .ok(.rule, "the udev rule is in place: \(file)")
    case .different(let file):
      observation = "\(file) is not this fob's udev rule: another version's, or changed"
    case .absent:
      observation = "the udev rule for tokens is not in place"
    }
    let isNeeded = !isRoot && (tokens.isEmpty || reachable.count < tokens.count)
    return isNeeded ? .failed(.rule, observation, install) : .note(.rule, observation, install)
  }

  private var devices: [Finding] {
    let strangers = strangers
    guard tokens.isEmpty else {
      return tokens.map { token in
        let name = token.product.map { ", '\(Printable.text($0))'" } ?? ""
        return .ok(.device, "\(Printable.text(token.place))\(name) is plugged in")
      } + strangers
    }
    let idle = tree.usbTokens()
    guard strangers.isEmpty, let device = idle.first else {
      return strangers + [
        .failed(
          .device, "no token is plugged in",
          "Plug it in, and try another socket and cable. 'lsusb -d 1209:0001' shows whether the "
            + "computer sees it at all.")
      ]
    }
    let isHeld = device.drivers.contains("usbfs")
    return [
      .failed(
        .device,
        isHeld
          ? "a program holds the USB device \(device.name) through libusb"
          : "the kernel's HID driver has not taken the USB device \(device.name)",
        isHeld
          ? "Close that program: an fob in its libusb build, a virtual machine."
          : "Load the driver with 'sudo modprobe -a usbhid hid-generic'; 'sudo dmesg' says why it "
            + "does not take the device.")
    ]
  }

  /// Devices of a token's numbers that call themselves something else: the numbers are open to
  /// every experiment.
  private var strangers: [Finding] {
    guard build == .hidraw else { return [] }
    let nodes = tokens.compactMap(node(of:))
    return tree.hidrawDevices().filter { !nodes.contains($0.node) }.map {
      .note(
        .device, "'\(Printable.text($0.name))' at \($0.node) has a token's numbers and is none")
    }
  }

  private var permissions: [Finding] {
    tokens.compactMap { token in
      guard let node = node(of: token) else { return nil }
      guard !mayOpen(node) else {
        return .ok(.permission, "you may open \(node)")
      }
      guard tree.hasUdev else {
        return .failed(
          .permission, "you may not open \(node)",
          "There is no udev here to open it to you: 'sudo chgrp' and 'sudo chmod' do.")
      }
      guard case .current = UdevRule.presence(in: tree) else {
        return .failed(
          .permission, "you may not open \(node)", "The udev rule opens it to you; see above.")
      }
      return .failed(
        .permission, "you may not open \(node), though the udev rule is in place",
        "Plug the token in anew. If you do not sit at this computer but came by SSH, join the group "
          + "that the rule names, 'sudo adduser $USER plugdev', and log in anew.")
    }
  }

  private func node(of token: USBToken) -> String? {
    token.node(in: tree, build: build)
  }
}
