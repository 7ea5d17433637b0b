import Conformance
import PicoEmulator
import TokenClient

/// The hands on an emulated Pico: its BOOTSEL button, and its cable.
final class PicoHands: Hands {
  private let transport: PicoTransport

  init(_ transport: PicoTransport) {
    self.transport = transport
  }

  func pressButton() throws(Unable) { transport.finger = .tapping }

  func leaveButton() throws(Unable) { transport.finger = .absent }

  func replug(_ transport: any TokenTransport, holdsCredentials: Bool) throws(Unable) {
    guard !holdsCredentials else {
      throw Unable("a Pico has no battery, and its clock is needed")
    }
    transport.close()
    do throws(TransportFailure) {
      try transport.open()
    } catch {
      throw Unable("the token is not there again: \(error)")
    }
  }

  func letGo() { transport.finger = .tapping }
}
