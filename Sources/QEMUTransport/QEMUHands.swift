import Conformance
import TokenClient

/// The hands on a token in QEMU: the button of its board, and the power of the whole machine.
public final class QEMUHands: Hands {
  private let token: QEMUTransport

  init(_ token: QEMUTransport) {
    self.token = token
  }

  public func pressButton() throws(Unable) { token.isButtonPressedWhenAsked = true }

  public func leaveButton() throws(Unable) { token.isButtonPressedWhenAsked = false }

  public func replug(_ transport: any TokenTransport, holdsCredentials: Bool) throws(Unable) {
    guard !holdsCredentials else {
      throw Unable("the token has no battery, and its clock is needed")
    }
    transport.close()
    do throws(TransportFailure) {
      try transport.open()
    } catch {
      throw Unable("the token is not there again: \(error)")
    }
  }

  public func letGo() { token.isButtonPressedWhenAsked = false }
}

extension QEMUTransport {
  public var hands: any Hands { QEMUHands(self) }
}
