/// The USB controller as a device (RP2040 data sheet, 4.1): its registers, and its answers to what
/// comes over the cable.
final class USBController: Peripheral, Timed {
  enum MainControl {
    static let enable: UInt32 = 1 << 0
    static let isHost: UInt32 = 1 << 1
  }

  enum Control {
    static let interruptForStall: UInt32 = 1 << 31
    static let interruptForBuffer: UInt32 = 1 << 29
    static let interruptForNak: UInt32 = 1 << 27
    static let pullUp: UInt32 = 1 << 16
    static let resume: UInt32 = 1 << 12
  }

  enum Status {
    static let vbusDetected: UInt32 = 1 << 0
    static let suspended: UInt32 = 1 << 4
    static let resume: UInt32 = 1 << 11
    static let connected: UInt32 = 1 << 16
    static let setupReceived: UInt32 = 1 << 17
    static let transferComplete: UInt32 = 1 << 18
    static let busReset: UInt32 = 1 << 19
    static let overflow: UInt32 = 1 << 26
    static let timeout: UInt32 = 1 << 27
    static let acknowledged: UInt32 = 1 << 30
    static let sequenceError: UInt32 = 1 << 31
    /// Those that stay until a 1 is written to them.
    static let latched: UInt32 = 0xFF0F_0800 & ~connected
  }

  /// The bits of INTR.
  enum Event {
    static let transferComplete: UInt32 = 1 << 3
    static let bufferStatus: UInt32 = 1 << 4
    static let sequenceError: UInt32 = 1 << 5
    static let timeout: UInt32 = 1 << 6
    static let overflow: UInt32 = 1 << 7
    static let vbus: UInt32 = 1 << 11
    static let busReset: UInt32 = 1 << 12
    static let connection: UInt32 = 1 << 13
    static let suspension: UInt32 = 1 << 14
    static let resume: UInt32 = 1 << 15
    static let setup: UInt32 = 1 << 16
    static let startOfFrame: UInt32 = 1 << 17
    static let abortDone: UInt32 = 1 << 18
    static let stallOrNak: UInt32 = 1 << 19
  }

  unowned let surroundings: any Surroundings
  let memory: DualPortMemory
  /// Whether clk_usb is 48 MHz and the controller is out of reset.
  private let isClocked: () -> Bool
  /// Whether 5 V are on the connector.
  var hasPower = false { didSet { if hasPower != oldValue { powerChanged() } } }

  var address: UInt32 = 0
  var mainControl: UInt32 = 0
  var control: UInt32 = 0
  var status: UInt32 = 0
  var bufferStatus: UInt32 = 0
  var abort: UInt32 = 0
  var abortDone: UInt32 = 0
  /// Which of EP0's stalls are armed: bit 0 IN, bit 1 OUT.
  var stallArm: UInt32 = 0
  var stallOrNak: UInt32 = 0
  var multiplexing: UInt32 = 0
  var powerControl: UInt32 = 0
  var enabledEvents: UInt32 = 0
  var forcedEvents: UInt32 = 0
  var others: [UInt32: UInt32] = [:]
  var hasSuspensionChanged = false
  var hasConnectionChanged = false
  var hasPowerChanged = false
  var hasFrameStarted = false

  /// The bus.
  var frameNumber: UInt32 = 0
  var nextEvent = Nanoseconds.never
  var line = Line.idle
  var wasInterrupting = false
  /// When the last SOF came, or something else that is no silence.
  var lastActivity = Nanoseconds.zero
  /// Since the bus was reset, nobody has used this endpoint.
  var untouched: UInt32 = 0

  /// What is on the line.
  enum Line {
    /// Nothing: after 3 ms of it, the device is suspended.
    case idle
    /// A SOF every millisecond.
    case active
    case reset
    case resuming
  }

  static let frame = Nanoseconds.milliseconds(1)
  /// USB 2.0, 7.1.7.6: silence that is a suspend.
  static let silence = Nanoseconds.milliseconds(3)

  init(_ surroundings: any Surroundings, isClocked: @escaping () -> Bool) {
    self.surroundings = surroundings
    self.isClocked = isClocked
    memory = DualPortMemory(surroundings)
    memory.isRevocable = { [unowned self] endpoint in
      (abort & abortDone | untouched) & endpoint.bit != 0
    }
  }

  func reset() {
    address = 0
    mainControl = 0
    control = 0
    status = 0
    bufferStatus = 0
    abort = 0
    abortDone = 0
    stallArm = 0
    stallOrNak = 0
    multiplexing = 0
    powerControl = 0
    enabledEvents = 0
    forcedEvents = 0
    others = [:]
    hasSuspensionChanged = false
    hasConnectionChanged = false
    hasPowerChanged = false
    hasFrameStarted = false
    untouched = .max
    schedule()
  }

  // MARK: What the host sees

  /// Whether the pull-up says that a full-speed device is there.
  var isAttached: Bool {
    isClocked() && hasPower && seesPower && control & Control.pullUp != 0
      && mainControl & (MainControl.enable | MainControl.isHost) == MainControl.enable
      && multiplexing & 1 != 0
  }

  /// The Pico's 5 V go to no pin that the controller could see them at; firmware says so itself.
  var seesPower: Bool { powerControl & 0xC == 0xC }

  func answers(to address: Int) -> Bool { isAttached && Int(self.address & 0x7F) == address }

  /// RESUME was written: the device wants to wake the host.
  var wantsResume = false

  func takeResumeRequest() -> Bool {
    defer { wantsResume = false }
    return wantsResume
  }
}
