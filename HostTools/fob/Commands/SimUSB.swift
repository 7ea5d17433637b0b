import Glibc
import TokenSimulator
import VirtualUSB

/// `fob sim usbip`, `sim uhid`, `sim usbredir`: a simulated token as a USB device that an operating
/// system finds.
enum SimUSB {
  static func runUSBIP(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let address = invocation.text(.usbAddress) ?? "127.0.0.1"
    let port = UInt16(invocation.number(.usbPort) ?? UInt64(USBIPServer.usualPort))
    try run(invocation, console) { (setting, server) throws(FobError) in
      let bus: USBIPServer
      do throws(SystemFailure) {
        bus = try USBIPServer(
          address: address, port: port, identity: setting.identity, recorder: setting.recorder,
          onEvent: setting.onEvent)
      } catch {
        throw FobError(
          .failed, "USB/IP cannot listen at \(Printable.text(address)), port \(port): \(error).")
      }
      server.attach(bus)
      console.line("USBIP=\(address):\(bus.port)")
      if !["127.0.0.1", "::1"].contains(address) {
        console.note("Whoever can reach that address can use the token, unencrypted.")
      }
    }
  }

  static func runUHID(_ invocation: Invocation, _ console: Console) throws(FobError) {
    try run(invocation, console) { (setting, server) throws(FobError) in
      do throws(SystemFailure) {
        server.attach(
          try UHIDDevice(
            identity: setting.identity, recorder: setting.recorder, onEvent: setting.onEvent))
      } catch {
        throw FobError(
          .failed, "\(UHIDDevice.usualPath) cannot be opened: \(error). " + advice(error.code))
      }
    }
  }

  static func runUSBRedir(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let path = invocation.text(.usbredirSocket) ?? invocation.text(.usbredirConnect) ?? ""
    let place: USBRedirPlace =
      invocation.has(.usbredirConnect) ? .connecting(to: path) : .listening(at: path)
    if let firmware = invocation.text(.firmware) {
      return try SimFirmware.run(firmware, at: place, path, invocation, console)
    }
    try run(invocation, console, socketOption: .wire) { (setting, server) throws(FobError) in
      do throws(ServerFailure) {
        server.attach(
          try USBRedirServer(
            place, identity: setting.identity, recorder: setting.recorder,
            onEvent: setting.onEvent))
      } catch {
        throw FobError(error)
      }
      console.line("USBREDIR=\(path)")
    }
  }

  // MARK: What the three have in common

  /// What a face of the device is made with.
  private struct Setting {
    let identity: USBIdentity
    let recorder: USBRecorder?
    let onEvent: (BusEvent) -> Void
  }

  private static func run(
    _ invocation: Invocation, _ console: Console, socketOption: Option = .socket,
    attach: (Setting, inout SimulatorServer) throws(FobError) -> Void
  ) throws(FobError) {
    let socket = try SimRun.socket(invocation, socketOption, isForCommand: false)
    let recorder = try recorder(invocation)
    let token = try SimRun.token(invocation, console)
    let setting = Setting(
      identity: USBIdentity(serialNumber: token.board.serialNumber), recorder: recorder
    ) { console.note(sentence($0)) }
    var server = try SimRun.server(at: socket, token)
    try attach(setting, &server)
    let stopSwitch = server.stopSwitch
    var running: SimulatorServer? = consume server
    try stopSwitch.whileHandling([SIGINT, SIGTERM, SIGHUP]) { () throws(FobError) in
      console.line("FOB_TOKEN=unix:\(socket)")
      try console.flush()
      console.note(
        "A simulated token, software and no hardware, is a USB device there. Ctrl-C ends it.")
      tell(of: recorder, console)
      try SimRun.serve(running.take())
    }
    try conclude(recorder)
  }

  static func tell(of recorder: USBRecorder?, _ console: Console) {
    guard let recorder else { return }
    console.note(
      "What passes is recorded in \(Printable.text(recorder.path)): keys and codes as well.")
  }

  static func conclude(_ recorder: USBRecorder?) throws(FobError) {
    guard let failure = recorder?.failure else { return }
    throw FobError(.failed, "The recording ends early: \(failure).")
  }

  static func recorder(_ invocation: Invocation) throws(FobError) -> USBRecorder? {
    guard let path = invocation.text(.record) else { return nil }
    do throws(RecordingFailure) {
      return try USBRecorder(at: path)
    } catch {
      throw FobError(error)
    }
  }

  private static func advice(_ code: Int32) -> String {
    switch code {
    case EACCES, EPERM: "Allow yourself to: sudo setfacl -m u:$USER:rw /dev/uhid"
    case ENOENT, ENODEV: "Load the kernel's module: sudo modprobe uhid"
    default: "Use 'fob sim usbip' instead."
    }
  }

  static func sentence(_ event: BusEvent) -> String {
    switch event {
    case .attached: "A host has the device."
    case .released: "The host let go of the device."
    case .unplugged: "The token is off its cable, and the device off the bus."
    case .refusedSecondHost: "Another host wanted the device as well, and was refused."
    case .violated(let violation): "The host was sent away: \(violation)."
    case .filtered:
      "The virtual machine's filter refuses the device. Look at filter= of its usb-redir device."
    case .failed(let failure): "The bus failed: \(failure)."
    }
  }
}

extension FobError {
  init(_ failure: RecordingFailure) {
    let status: ExitStatus =
      switch failure {
      case .exists, .system: .failed
      case .notFound, .malformed, .notUSB, .tooLarge: .badInput
      }
    self.init(status, Printable.text(failure.description))
  }
}

extension Option {
  static let usbAddress = Option(
    "address", value: "ADDRESS",
    "where USB/IP listens, an address of this computer in digits; 127.0.0.1 by default")
  static let usbPort = Option(
    "port", value: "PORT", kind: .number(0...UInt64(UInt16.max)),
    "the TCP port, \(USBIPServer.usualPort) by default; 0 for one that is free")
  static let usbredirSocket = Option(
    "socket", value: "PATH", kind: .file, "the Unix socket to listen at; the machine connects to it"
  )
  static let wire = Option(
    "wire", value: "PATH", kind: .file,
    "where to serve the token besides, by default where 'fob devices' looks")
  static let usbredirConnect = Option(
    "connect", value: "PATH", kind: .file, "the Unix socket at which the machine listens")
  static let firmware = Option(
    "firmware", value: "FILE", kind: .file,
    "firmware for a Raspberry Pi Pico, which an emulated one runs in place of the simulated token; "
      + "with --memory its flash is gone afterwards", excludes: ["image"])
  static let record = Option(
    "record", value: "FILE", kind: .file,
    "a new file for what passes on the bus, which Wireshark opens; it holds keys and codes, and only "
      + "you can read it")
}

extension Command {
  private static let usbOptions: [Option] = [.record, .image, .memory, .unset]
  private static let usbDetails =
    "The token is served at a socket as well, as by 'fob sim run': press its button with 'fob sim "
    + "press', pull it out with 'fob sim unplug'. Off its cable, the device is off the bus."

  static let simUSBIP = Command(
    name: "sim usbip", section: .simulator,
    summary: "Offer a simulated token as a USB device over USB/IP, until Ctrl-C",
    details: [
      "Attach it to a Linux system, this one or another, as root: modprobe vhci-hcd; usbip attach "
        + "-r 127.0.0.1 -b 1-1",
      usbDetails,
      "Any program on this computer can attach it meanwhile, and use the token.",
    ],
    options: [.usbAddress, .usbPort, .socket] + usbOptions,
    examples: [
      Example("fob sim usbip", "Offer your simulated token"),
      Example("fob sim usbip --memory --record bus.pcapng", "Record what a new one is asked"),
    ],
    statuses: [.noToken, .badInput],
    run: SimUSB.runUSBIP)

  static let simUHID = Command(
    name: "sim uhid", section: .simulator,
    summary: "Plug a simulated token into this computer through /dev/uhid, until Ctrl-C",
    details: [
      "Programs that use hidraw find it as they find a USB token. Those that use libusb do not: below "
        + "the HID device there is no USB.",
      usbDetails,
    ],
    options: [.socket] + usbOptions,
    examples: [Example("fob sim uhid --memory", "Plug a new token in")],
    statuses: [.noToken, .badInput],
    run: SimUSB.runUHID)

  static let simUSBRedir = Command(
    name: "sim usbredir", section: .simulator,
    summary: "Give a simulated token to a virtual machine as a USB device, until Ctrl-C",
    details: [
      "For QEMU: -device qemu-xhci -chardev socket,id=fob,path=PATH -device usb-redir,chardev=fob",
      usbDetails,
      "With --firmware the machine's kernel talks to the firmware's own USB driver, in an emulated "
        + "Pico. Its button is tapped twice a second, or as 'fob sim button' has it; its flash is kept "
        + "in FILE.flash. There is no wire then, only the control channel. Firmware that breaks a rule "
        + "of the chip's data sheet ends it.",
    ],
    alternatives: [.usbredirSocket, .usbredirConnect],
    options: [.wire, .firmware] + usbOptions,
    examples: [
      Example("fob sim usbredir --socket ~/vm/fob.sock", "Wait for a machine that connects"),
      Example("fob sim usbredir --connect ~/vm/usb.sock", "Connect to one with server=on"),
      Example(
        "fob sim usbredir --socket ~/vm/fob.sock --firmware Pico.uf2", "Give it an emulated Pico"),
    ],
    statuses: [.noToken, .badInput, .disconnected],
    run: SimUSB.runUSBRedir)
}
