import Hardware
import TokenCore

/// The firmware: a token on a Pico, behind its USB controller.
///
/// One loop and no interrupt handlers: `turn()` looks after everything once, and then the processor sleeps until
/// the controller or the alarm wants it again.
public struct PicoToken<Bus: RegisterBus & ~Copyable, Chip: FlashChip & ~Copyable>: ~Copyable {
  var token: Token<Pico<Bus, Chip>>
  var usb: USBController
  private var nextPoll = Ticks(0)

  /// Microseconds between two looks at the button, or at the LED while it blinks.
  static var activeInterval: UInt32 { 5_000 }
  /// Microseconds to the next look when nothing is awaited. It has to be less than the watchdog's patience.
  static var idleInterval: UInt32 { 1_000_000 }

  /// Starts the chip, the token and, when both are ready, the USB controller.
  @inline(never)
  public init(bus: consuming Bus, chip: consuming Chip) {
    token = Token(board: Pico(bus: bus, chip: chip))
    usb = USBController(body: token.board.body, serialNumber: token.board.serialNumber)
    InterruptController().wake(
      on: ControllerRegisters.interrupt | MicrosecondTimer.interrupt, &token.board.bus)
    usb.start(&token.board.bus)
  }

  /// Does what there is to do. It is called again when something interrupts, 1 s later at the latest.
  ///
  /// - Returns: whether the token was at work, so that its secrets may have left traces on the stack.
  @inline(never) @discardableResult
  public mutating func turn() -> Bool {
    // What is raised from here on is seen below, or ends the sleep after it.
    InterruptController().clear(&token.board.bus)
    usb.poll(&token.board.bus)
    var wasAtWork = token.isWaiting
    if usb.hasBusChanged {
      usb.hasBusChanged = false
      token.busChanged()
    }
    while let report = usb.takeReport(&token.board.bus) {
      wasAtWork = true
      token.receive(report)
      sendReport()
    }
    pollToken()
    sendReport()
    token.board.refresh()
    if usb.isSuspended { token.board.darken() }
    let isActive = token.isWaiting || token.board.isAnimated
    MicrosecondTimer.setAlarm(
      inMicroseconds: isActive ? Self.activeInterval : Self.idleInterval, &token.board.bus)
    return wasAtWork
  }

  /// Looking at the button takes the flash away from the processor, so it is not done all the time.
  private mutating func pollToken() {
    guard token.isWaiting else { return }
    let now = token.board.ticks()
    guard now >= nextPoll else { return }
    nextPoll = now.advanced(by: UInt64(Self.activeInterval))
    token.poll()
  }

  /// Without a configuration there is nobody to take a report: it is dropped, so that the next host does
  /// not get the last one's.
  @inline(never)
  private mutating func sendReport() {
    while usb.state != .configured, token.nextReport() != nil {}
    guard usb.canSend, let report = token.nextReport() else { return }
    usb.send(report, &token.board.bus)
  }
}
