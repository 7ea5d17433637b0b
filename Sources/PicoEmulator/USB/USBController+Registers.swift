/// The controller's registers, but for those in the DPSRAM (RP2040 data sheet, 4.1.4).
extension USBController {
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

  var currentStatus: UInt32 {
    var value = status
    if hasPower && powerControl & 0xC == 0xC { value |= Status.vbusDetected }
    if isAttached, line == .active || status & Status.suspended != 0 { value |= Status.connected }
    return value
  }

  /// INTR.
  var events: UInt32 {
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

  func clearStatus(_ write: RegisterWrite) {
    status = write.cleared(status, mask: Status.latched)
    if write.value & Status.suspended != 0 { hasSuspensionChanged = false }
    if write.value & Status.connected != 0 { hasConnectionChanged = false }
    if write.value & Status.vbusDetected != 0 { hasPowerChanged = false }
  }

  func setMainControl(_ value: UInt32) {
    mainControl = value
    if value & MainControl.isHost != 0 {
      surroundings.report(.notModelled, "the USB controller as a host")
    }
  }

  func setControl(_ value: UInt32) {
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

  func powerChanged() {
    hasPowerChanged = true
    schedule()
  }
}
