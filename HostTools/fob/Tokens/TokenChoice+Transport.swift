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
