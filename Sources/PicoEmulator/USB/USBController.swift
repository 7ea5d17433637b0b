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
  private enum Event {
    static let transferComplete: UInt32 = 1 << 3
    static let bufferStatus: UInt32 = 1 << 4
    static let sequenceError: UInt32 = 1 << 5
    static let timeout: UInt32 = 1 << 6
    static let overflow: UInt32 = 1 << 7
    static let stall: UInt32 = 1 << 10
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

  private var address: UInt32 = 0
  private var mainControl: UInt32 = 0
  private var control: UInt32 = 0
  var status: UInt32 = 0
  var bufferStatus: UInt32 = 0
  private var abort: UInt32 = 0
  private var abortDone: UInt32 = 0
  /// Which of EP0's stalls are armed: bit 0 IN, bit 1 OUT.
  var stallArm: UInt32 = 0
  var stallOrNak: UInt32 = 0
  private var multiplexing: UInt32 = 0
  private var powerControl: UInt32 = 0
  private var enabledEvents: UInt32 = 0
  private var forcedEvents: UInt32 = 0
  private var others: [UInt32: UInt32] = [:]
  private var hasSuspensionChanged = false
  private var hasConnectionChanged = false
  private var hasPowerChanged = false
  private var hasFrameStarted = false

  /// The bus.
  private(set) var frameNumber: UInt32 = 0
  private(set) var nextEvent = Nanoseconds.never
  private(set) var bus = Bus.idle
  private var wasInterrupting = false
  /// When the last SOF came, or something else that is no silence.
  private var lastActivity = Nanoseconds.zero
  /// Since the bus was reset, nobody has used this endpoint.
  private var untouched: UInt32 = 0

  /// What is on the line.
  enum Bus {
    /// Nothing: after 3 ms of it, the device is suspended.
    case idle
    /// A SOF every millisecond.
    case active
    case reset
    case resuming
  }

  static let frame = Nanoseconds.milliseconds(1)
  /// USB 2.0, 7.1.7.6: silence that is a suspend.
  private static let silence = Nanoseconds.milliseconds(3)

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
  private var seesPower: Bool { powerControl & 0xC == 0xC }

  func answers(to address: Int) -> Bool { isAttached && Int(self.address & 0x7F) == address }

  /// RESUME was written: the device wants to wake the host.
  private(set) var wantsResume = false

  func takeResumeRequest() -> Bool {
    defer { wantsResume = false }
    return wantsResume
  }

  // MARK: Registers

  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case 0x00: return address
    case 0x04...0x3C: return others[offset] ?? 0
    case 0x40: return mainControl
    case 0x44: return 0
    case 0x48:
      hasFrameStarted = false
      schedule()
      return frameNumber & 0x7FF
    case 0x4C: return control & ~Control.resume
    case 0x50: return currentStatus
    case 0x54: return 0
    case 0x58: return bufferStatus
    case 0x5C: return 0
    case 0x60: return abort
    case 0x64: return abortDone
    case 0x68: return stallArm
    case 0x6C: return others[offset] ?? 0x0010_0010
    case 0x70: return stallOrNak
    case 0x74: return multiplexing
    case 0x78: return powerControl
    case 0x7C...0x84: return others[offset] ?? 0
    case 0x8C: return events
    case 0x90: return enabledEvents
    case 0x94: return forcedEvents
    case 0x98: return events & enabledEvents | forcedEvents
    default: return nil
    }
  }

  func write(_ offset: UInt32, _ write: RegisterWrite) -> Bool {
    switch offset {
    case 0x00: address = write.applied(to: address, mask: 0x000F_007F)
    case 0x40: setMainControl(write.applied(to: mainControl, mask: 0x8000_0003))
    case 0x4C: setControl(write.applied(to: control, mask: 0xFF07_BF5F))
    case 0x50: clearStatus(write)
    case 0x58: bufferStatus = write.cleared(bufferStatus)
    case 0x60:
      abort = write.applied(to: abort)
      // The model's controller is never in the middle of a transaction when the core looks.
      abortDone |= abort
    case 0x64: abortDone = write.cleared(abortDone) | abort
    case 0x68: stallArm = write.applied(to: stallArm, mask: 3)
    case 0x70: stallOrNak = write.cleared(stallOrNak)
    case 0x74: multiplexing = write.applied(to: multiplexing, mask: 0xF)
    case 0x78: powerControl = write.applied(to: powerControl, mask: 0x3F)
    case 0x90: enabledEvents = write.applied(to: enabledEvents, mask: 0xF_FFFF)
    case 0x94: forcedEvents = write.applied(to: forcedEvents, mask: 0xF_FFFF)
    case 0x04...0x3C, 0x44, 0x54, 0x6C, 0x7C...0x84: others[offset] = write.applied(to: 0)
    case 0x48, 0x5C, 0x8C, 0x98:
      surroundings.report(.readOnly, "a status register of the USB controller is written")
    default: return false
    }
    schedule()
    return true
  }

  var isInterrupting: Bool { events & enabledEvents | forcedEvents != 0 }

  private var currentStatus: UInt32 {
    var value = status
    if hasPower && powerControl & 0xC == 0xC { value |= Status.vbusDetected }
    if isAttached, bus == .active || status & Status.suspended != 0 { value |= Status.connected }
    return value
  }

  /// INTR.
  private var events: UInt32 {
    var events: UInt32 = 0
    func raise(_ event: UInt32, if condition: Bool) { if condition { events |= event } }
    raise(Event.transferComplete, if: status & Status.transferComplete != 0)
    raise(Event.bufferStatus, if: bufferStatus != 0)
    raise(Event.sequenceError, if: status & Status.sequenceError != 0)
    raise(Event.timeout, if: status & Status.timeout != 0)
    raise(Event.overflow, if: status & Status.overflow != 0)
    raise(Event.vbus, if: hasPowerChanged)
    raise(Event.busReset, if: status & Status.busReset != 0)
    raise(Event.connection, if: hasConnectionChanged)
    raise(Event.suspension, if: hasSuspensionChanged)
    raise(Event.resume, if: status & Status.resume != 0)
    raise(Event.setup, if: status & Status.setupReceived != 0)
    raise(Event.startOfFrame, if: hasFrameStarted)
    raise(Event.abortDone, if: abortDone != 0)
    raise(Event.stallOrNak, if: stallOrNak != 0)
    return events
  }

  private func clearStatus(_ write: RegisterWrite) {
    status = write.cleared(status, mask: Status.latched)
    if write.value & Status.suspended != 0 { hasSuspensionChanged = false }
    if write.value & Status.connected != 0 { hasConnectionChanged = false }
    if write.value & Status.vbusDetected != 0 { hasPowerChanged = false }
  }

  private func setMainControl(_ value: UInt32) {
    mainControl = value
    if value & MainControl.isHost != 0 {
      surroundings.report(.notModelled, "the USB controller as a host")
    }
  }

  private func setControl(_ value: UInt32) {
    if value & Control.resume != 0, status & Status.suspended != 0 { wantsResume = true }
    control = value & ~Control.resume
  }

  /// Whether EP0 sets its bit in BUFF_STATUS, or in EP_STATUS_STALL_NAK.
  func isSet(_ bit: UInt32) -> Bool { control & bit != 0 }

  func isAborted(_ endpoint: EndpointDirection) -> Bool { abort & endpoint.bit != 0 }

  /// The controller used the endpoint: its buffer can no longer be taken back just so.
  func touch(_ endpoint: EndpointDirection) {
    untouched &= ~endpoint.bit
  }

  private func powerChanged() {
    hasPowerChanged = true
    schedule()
  }

  // MARK: The bus

  /// The host changes what is on the line.
  func setBus(_ new: Bus) {
    guard new != bus else { return }
    bus = new
    lastActivity = surroundings.now
    guard isAttached else { return schedule() }
    switch new {
    case .idle: break
    case .active: setSuspended(false)
    case .reset:
      status |= Status.busReset
      setSuspended(false)
      untouched = .max
      hasConnectionChanged = true
    case .resuming:
      if status & Status.suspended != 0 { status |= Status.resume }
      setSuspended(false)
    }
    schedule()
  }

  private func setSuspended(_ isSuspended: Bool) {
    guard isSuspended != (status & Status.suspended != 0) else { return }
    status ^= Status.suspended
    hasSuspensionChanged = true
  }

  func advance(to now: Nanoseconds) {
    while now >= nextEvent {
      if bus == .active {
        lastActivity = nextEvent
        frameNumber += 1
        hasFrameStarted = true
      } else {
        setSuspended(true)
      }
      schedule()
    }
  }

  /// After anything that may have changed what happens next.
  func schedule() {
    let event: Nanoseconds
    if bus == .active {
      event = lastActivity + Self.frame
    } else if bus == .idle, isAttached, status & Status.suspended == 0 {
      event = max(lastActivity + Self.silence, surroundings.now + Nanoseconds(1))
    } else {
      event = .never
    }
    let isInterrupting = isInterrupting
    // The core is disturbed only for what it would notice.
    if event != nextEvent || isInterrupting != wasInterrupting { surroundings.reconsider() }
    nextEvent = event
    wasInterrupting = isInterrupting
  }
}
