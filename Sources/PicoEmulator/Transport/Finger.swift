/// Who presses the emulated Pico's BOOTSEL button.
public enum Finger: Sendable {
  /// Nobody.
  case absent
  /// Somebody who taps it twice a second, whether asked to or not.
  case tapping

  private static let period: UInt64 = 500_000_000
  private static let hold: UInt64 = 150_000_000

  /// - Parameter moment: since the device was enumerated.
  func isDown(at moment: Nanoseconds) -> Bool {
    switch self {
    case .absent: false
    // It is up at first: a button that is held at power-on leads to the boot loader.
    case .tapping: moment.rawValue % Self.period >= Self.period - Self.hold
    }
  }
}
