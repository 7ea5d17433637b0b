/// What the line does to the device.
extension USBController {
  /// The host changes what is on the line.
  func setLine(_ new: Line) {
    guard new != line else { return }
    line = new
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

  func setSuspended(_ isSuspended: Bool) {
    guard isSuspended != (status & Status.suspended != 0) else { return }
    status ^= Status.suspended
    hasSuspensionChanged = true
  }

  func advance(to now: Nanoseconds) {
    while now >= nextEvent {
      if line == .active {
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
    if line == .active {
      event = lastActivity + Self.frame
    } else if line == .idle, isAttached, status & Status.suspended == 0 {
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
