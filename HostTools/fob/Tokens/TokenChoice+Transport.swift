import Glibc
import HIDAPITransport
import Loopback
import PicoEmulator
import QEMUTransport
import TokenClient

extension TokenChoice {
  /// The way to the token, not yet open.
  func transport(
    ifAbsent absence: Connection.Absence, _ console: Console
  ) throws(FobError) -> any TokenTransport {
    switch self {
    case .socket(let path):
      return UnixSocketTransport(path: path)
    case .usb(let number), .pluggedIn(let number):
      return HIDAPITransport(number.map { .serialNumber($0) } ?? .only)
    case .emulated(let image):
      return QEMUTransport(image: image)
    case .emulatedPico(let image):
      return PicoTransport(image: image, place: Printable.text(text))
    case .image(let path):
      try prepareImage(path, absence, console)
      return LoopbackTransport(
        .image(file: path, createIfMissing: absence == .created), place: Printable.text(text))
    }
  }

  /// `path`, if the control channel of the simulator that serves it is this user's own.
  static func withOwnControl(_ path: String) throws(FobError) -> String {
    if let reason = SocketTrust.objection(to: path + SimRun.controlSuffix) {
      throw FobError(.untrusted(place: "unix:\(path)", reason: reason))
    }
    return path
  }

  private func prepareImage(
    _ path: String, _ absence: Connection.Absence, _ console: Console
  ) throws(FobError) {
    guard access(path, F_OK) != 0, errno == ENOENT || errno == ENOTDIR else { return }
    let shown = Printable.text(path)
    guard absence == .created else {
      throw FobError(
        .noToken,
        "There is no simulated token in \(shown) yet; 'fob add' or 'fob enable' makes one.")
    }
    console.note("fob: A new simulated token is made: \(shown)")
  }
}
