/// The registers of the core itself, at 0xE000E000 (ARMv6-M, B3; RP2040 data sheet, 2.4.8).
final class SystemControlSpace {
  private unowned let core: Core
  let timer: SystemTimer
  private unowned let surroundings: any Surroundings
  /// Called for AIRCR.SYSRESETREQ.
  private let requestReset: () -> Void
  private var systemControl: UInt32 = 0

  init(
    _ core: Core, _ timer: SystemTimer, _ surroundings: any Surroundings,
    requestReset: @escaping () -> Void
  ) {
    self.core = core
    self.timer = timer
    self.surroundings = surroundings
    self.requestReset = requestReset
  }

  /// Offsets from 0xE0000000.
  enum Offset {
    static let timerControl: UInt32 = 0xE010
    static let timerReload: UInt32 = 0xE014
    static let timerCounter: UInt32 = 0xE018
    static let timerCalibration: UInt32 = 0xE01C
    static let setEnable: UInt32 = 0xE100
    static let clearEnable: UInt32 = 0xE180
    static let setPending: UInt32 = 0xE200
    static let clearPending: UInt32 = 0xE280
    static let priorities: ClosedRange<UInt32> = 0xE400...0xE41C
    static let identification: UInt32 = 0xED00
    static let interruptControl: UInt32 = 0xED04
    static let vectorTable: UInt32 = 0xED08
    static let resetControl: UInt32 = 0xED0C
    static let systemControl: UInt32 = 0xED10
    static let configuration: UInt32 = 0xED14
    static let systemPriority2: UInt32 = 0xED1C
    static let systemPriority3: UInt32 = 0xED20
    static let mpuType: UInt32 = 0xED90
  }

  func reset() {
    systemControl = 0
    timer.reset()
  }

  /// - Returns: `nil` if there is no such register.
  func read(_ offset: UInt32) -> UInt32? {
    switch offset {
    case Offset.timerControl: return timer.control
    case Offset.timerReload: return timer.reloadValue
    case Offset.timerCounter: return timer.counter
    case Offset.timerCalibration: return 0xC000_0000
    case Offset.setEnable, Offset.clearEnable: return core.exceptions.enabledInterrupts
    case Offset.setPending, Offset.clearPending: return core.exceptions.pendingInterrupts
    case Offset.priorities:
      return priorities((0..<4).map { Int(offset - 0xE400) + 16 + $0 })
    case Offset.identification: return 0x410C_C601
    case Offset.interruptControl: return interruptControl
    case Offset.vectorTable: return core.vectorTable
    case Offset.resetControl: return 0xFA05_0000
    case Offset.systemControl: return systemControl
    case Offset.configuration: return 0x0000_0208
    case Offset.systemPriority2:
      return UInt32(core.exceptions.priority(of: .supervisorCall)) << 30
    case Offset.systemPriority3: return priorities([12, 13, 14, 15])
    case Offset.mpuType: return 0x0000_0800
    default: return nil
    }
  }

  func write(_ offset: UInt32, _ value: UInt32) -> Bool {
    switch offset {
    case Offset.timerControl: timer.control = value
    case Offset.timerReload: timer.reloadValue = value
    case Offset.timerCounter: timer.counter = value
    case Offset.setEnable: core.exceptions.enabledInterrupts |= value
    case Offset.clearEnable: core.exceptions.enabledInterrupts &= ~value
    case Offset.setPending: core.exceptions.pendingInterrupts |= value
    case Offset.clearPending: core.exceptions.pendingInterrupts &= ~value
    case Offset.priorities:
      setPriorities((0..<4).map { Int(offset - 0xE400) + 16 + $0 }, value)
    case Offset.interruptControl: setInterruptControl(value)
    case Offset.vectorTable: core.vectorTable = value & 0xFFFF_FF00
    case Offset.resetControl:
      if value >> 16 == 0x05FA, value & 4 != 0 { requestReset() }
    case Offset.systemControl:
      systemControl = value & 0x16
      core.pendingIsEvent = value & 0x10 != 0
    case Offset.systemPriority2:
      core.exceptions.setPriority(of: .supervisorCall, to: UInt8(value >> 30))
    case Offset.systemPriority3: setPriorities([12, 13, 14, 15], value)
    default: return false
    }
    surroundings.reconsider()
    return true
  }

  /// ICSR.
  private var interruptControl: UInt32 {
    let next = core.exceptions.next(masked: false)
    return core.engine[.programStatus] & 0x3F
      | UInt32(next?.rawValue ?? 0) << 12
      | (core.exceptions.pendingInterrupts != 0 ? 1 << 22 : 0)
      | (core.exceptions.isPending(.sysTick) ? 1 << 26 : 0)
      | (core.exceptions.isPending(.pendSV) ? 1 << 28 : 0)
      | (core.exceptions.isPending(.nonMaskable) ? 1 << 31 : 0)
  }

  private func setInterruptControl(_ value: UInt32) {
    if value & 1 << 31 != 0 { core.exceptions.pend(.nonMaskable) }
    if value & 1 << 28 != 0 { core.exceptions.pend(.pendSV) }
    if value & 1 << 27 != 0 { core.exceptions.unpend(.pendSV) }
    if value & 1 << 26 != 0 { core.exceptions.pend(.sysTick) }
    if value & 1 << 25 != 0 { core.exceptions.unpend(.sysTick) }
  }

  /// Four priorities in a word, each in the two upper bits of its byte.
  private func priorities(_ numbers: [Int]) -> UInt32 {
    numbers.enumerated().reduce(0) { word, entry in
      let priority = core.exceptions.priority(of: ExceptionNumber(rawValue: entry.element))
      return word | UInt32(priority) << UInt32(entry.offset * 8 + 6)
    }
  }

  private func setPriorities(_ numbers: [Int], _ word: UInt32) {
    for (index, number) in numbers.enumerated() {
      core.exceptions.setPriority(
        of: ExceptionNumber(rawValue: number),
        to: UInt8(truncatingIfNeeded: word >> UInt32(index * 8 + 6) & 3))
    }
  }
}
