import Glibc
import TokenCore

/// Which token the person wants: what `--token` and FOB_TOKEN hold.
enum TokenChoice: Equatable, Sendable {
  /// A simulated token that lives in an image file and runs within `fob` itself.
  case image(path: String)
  /// A simulated token that another process serves on a Unix socket.
  case socket(path: String)
  /// A firmware image that QEMU runs.
  case emulated(image: String)
  /// A token on USB: the one with this serial number, or the only one there is.
  case usb(serialNumber: String?)
  /// The only token on USB, which nobody has chosen: used if it is hardware.
  case pluggedIn(serialNumber: String?)

  /// Firmware for a Raspberry Pi Pico, which runs in the emulator within `fob` itself.
  case emulatedPico(image: String)

  /// What a token is made of, by what it claims and by the way to it: what is reached through a file,
  /// a socket or an emulator is no hardware, whatever it says.
  func body(claimed: Body) -> Body {
    switch self {
    case .emulated, .emulatedPico: .emulated
    case .image, .socket: claimed == .hardware ? .simulated : claimed
    case .usb, .pluggedIn: claimed
    }
  }

  /// The choices, for the help and for errors.
  static let kinds = [
    (term: "usb", meaning: "the token on USB, if there is only one"),
    (term: "usb:SERIAL", meaning: "the token on USB with this serial number"),
    (term: "sim", meaning: "the simulated token in ~/.local/share/watchfob/token.image"),
    (term: "sim:FILE", meaning: "a simulated token in an image file of your own"),
    (term: "unix:SOCKET", meaning: "a simulated token that 'fob sim run' serves on a socket"),
    (term: "qemu:IMAGE", meaning: "the firmware in this file, in QEMU's micro:bit"),
    (term: "pico-emulated:IMAGE", meaning: "firmware for a Raspberry Pi Pico, in an emulated one"),
  ]

  static let list =
    "usb, usb:SERIAL, sim, sim:FILE, unix:SOCKET, qemu:IMAGE or pico-emulated:IMAGE"

  /// Understands `text`; `source` is where it came from, for the error.
  init(parsing text: String, from source: String) throws(FobError) {
    func path(after prefix: String) throws(FobError) -> String {
      let path = String(text.dropFirst(prefix.count))
      guard !path.isEmpty, path.utf8.count < ValueKind.longest else {
        throw FobError(.usage, "\(source) names no file after '\(prefix)'.")
      }
      return path
    }
    if text == "usb" {
      self = .usb(serialNumber: nil)
    } else if text.hasPrefix("usb:") {
      let number = String(text.dropFirst("usb:".count))
      guard !number.isEmpty else {
        throw FobError(.usage, "\(source) names no serial number after 'usb:'.")
      }
      self = .usb(serialNumber: number)
    } else if text == "sim" {
      self = .image(path: try Folders.data() + "/token.image")
    } else if text.hasPrefix("sim:") {
      self = .image(path: try path(after: "sim:"))
    } else if text.hasPrefix("unix:") {
      self = .socket(path: try path(after: "unix:"))
    } else if text.hasPrefix("qemu:") {
      self = .emulated(image: try path(after: "qemu:"))
    } else if text.hasPrefix("pico-emulated:") {
      self = .emulatedPico(image: try path(after: "pico-emulated:"))
    } else {
      throw FobError(
        .noToken, "\(source) chooses no token that there is; choose \(Self.list).")
    }
  }

  /// The token that was chosen on the command line, or else in the environment; or else the one
  /// that is plugged in.
  init(_ invocation: Invocation) throws(FobError) {
    if let choice = try Self.explicit(in: invocation) {
      self = choice
    } else {
      self = try Self.onlyOneOnUSB()
    }
  }

  /// What was chosen on the command line, or else in the environment.
  static func explicit(in invocation: Invocation) throws(FobError) -> TokenChoice? {
    if let text = invocation.text(.token) {
      return try TokenChoice(parsing: text, from: "--token")
    }
    if let text = Environment["FOB_TOKEN"] {
      return try TokenChoice(parsing: text, from: "FOB_TOKEN")
    }
    return nil
  }

  static let noneChosen = FobError(
    .noToken,
    "No token is chosen; say --token \(list), or set FOB_TOKEN to one of them "
      + "('fob devices' lists what is there).")

  /// As the person would write it.
  var text: String {
    switch self {
    case .image(let path): "sim:\(path)"
    case .socket(let path): "unix:\(path)"
    case .emulated(let image): "qemu:\(image)"
    case .emulatedPico(let image): "pico-emulated:\(image)"
    case .usb(let number), .pluggedIn(let number): number.map { "usb:\($0)" } ?? "usb"
    }
  }
}
