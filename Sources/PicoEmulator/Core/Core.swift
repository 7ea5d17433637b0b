/// A Cortex-M0+ as far as it is more than its instructions: exceptions, their entry and return, and
/// sleep (ARMv6-M, B1.5).
final class Core {
  enum Sleep {
    case awake
    case forInterrupt
    case forEvent
  }

  let engine: Engine
  private unowned let memory: any CoreMemory
  var exceptions = Exceptions()
  /// Where the exceptions' vectors are: a multiple of 256.
  var vectorTable: UInt32 = 0
  /// SCR.SEVONPEND: an interrupt that becomes pending is an event, enabled or not.
  var pendingIsEvent = false
  private(set) var sleep = Sleep.awake
  /// A fault within a fault's handler; only a reset gets it out of there.
  private(set) var isLockedUp = false
  private var eventRegister = false

  init(_ engine: Engine, _ memory: any CoreMemory) {
    self.engine = engine
    self.memory = memory
  }

  /// Starts at a vector table, as a reset does.
  func start(at vectorTable: UInt32, stack: UInt32, entry: UInt32) {
    exceptions = Exceptions()
    self.vectorTable = vectorTable
    pendingIsEvent = false
    sleep = .awake
    isLockedUp = false
    eventRegister = false
    engine[.programStatus] = 0x0100_0000
    engine[.control] = 0
    engine[.priorityMask] = 0
    engine[.stackPointer] = stack
    engine[.linkRegister] = 0xFFFF_FFFF
    engine[.programCounter] = entry
  }

  var nextInstruction: UInt32 { engine[.programCounter] & ~1 }

  /// PRIMASK.
  var isMasked: Bool { engine[.priorityMask] & 1 == 1 }

  func fallAsleep(_ sleep: Sleep) {
    if engine.takeSentEvent() { eventRegister = true }
    if sleep == .forEvent, eventRegister {
      eventRegister = false
    } else {
      self.sleep = sleep
    }
  }

  /// Wakes if something is there to wake for: an exception that would be taken, were it not for
  /// PRIMASK.
  func wakeIfNeeded() {
    if engine.takeSentEvent() { eventRegister = true }
    let wakes =
      switch sleep {
      case .awake: true
      case .forInterrupt: exceptions.next(masked: false) != nil
      case .forEvent:
        eventRegister || exceptions.next(masked: false) != nil
          || pendingIsEvent && exceptions.pendingInterrupts != 0
      }
    guard wakes, sleep != .awake else { return }
    if sleep == .forEvent { eventRegister = false }
    sleep = .awake
  }

  /// Enters the handler of the exception that is next, if any is.
  func takeException() {
    if let number = exceptions.next(masked: isMasked) { enter(number) }
  }

  /// A fault at the instruction that the program counter is at.
  func takeFault() {
    guard exceptions.executionPriority(masked: false) > -1 else {
      lockUp("a fault happened within the HardFault handler")
      return
    }
    enter(.hardFault)
  }

  /// SVC: a HardFault where its own priority does not let it through.
  func takeSupervisorCall() {
    let priority = exceptions.priority(of: .supervisorCall)
    if priority < exceptions.executionPriority(masked: isMasked) {
      enter(.supervisorCall)
    } else {
      memory.report(.hardFault, "SVC was executed where it could not be taken")
      takeFault()
    }
  }

  // MARK: Entry and return

  /// The frame, from the lowest address: R0, R1, R2, R3, R12, LR, the return address, xPSR.
  private static let frameSize: UInt32 = 32

  private enum Return: UInt32 {
    case toHandler = 0xFFFF_FFF1
    case toThreadOnMain = 0xFFFF_FFF9
    case toThreadOnProcess = 0xFFFF_FFFD
  }

  private func enter(_ number: ExceptionNumber) {
    let returnAddress = engine[.programCounter] & ~1
    let status = engine[.programStatus]
    let onProcess = !exceptions.isAnyActive && engine[.control] & 2 != 0
    let exceptionReturn: Return =
      exceptions.isAnyActive ? .toHandler : onProcess ? .toThreadOnProcess : .toThreadOnMain

    let stack = engine[.stackPointer]
    let frame = (stack - Self.frameSize) & ~4
    let savedStatus = status & ~0x200 | (stack & 4) << 7
    let saved =
      [0, 1, 2, 3, 12].map { engine[.general($0)] } + [
        engine[.linkRegister], returnAddress, savedStatus,
      ]
    for (index, word) in saved.enumerated() {
      guard memory.storeStack(word, at: frame + UInt32(index) * 4) else {
        lockUp("the stack pointer \(hexadecimal(stack)) is not in SRAM")
        return
      }
    }
    guard let vector = memory.loadVector(at: vectorTable + UInt32(number.rawValue) * 4),
      vector & 1 == 1
    else {
      lockUp("there is no vector for exception \(number.rawValue)")
      return
    }
    exceptions.enter(number)
    engine[.stackPointer] = frame
    engine[.control] = engine[.control] & ~2
    engine[.programStatus] = 0x0100_0000 | UInt32(number.rawValue)
    engine[.linkRegister] = exceptionReturn.rawValue
    engine[.programCounter] = vector
    eventRegister = true
    sleep = .awake
  }

  /// - Parameter value: EXC_RETURN, of which the engine has lost the lowest bit.
  func returnFromException(_ value: UInt32) {
    let current = ExceptionNumber(rawValue: Int(engine[.programStatus] & 0x3F))
    guard let target = Return(rawValue: value | 1), exceptions.isActive(current) else {
      memory.report(
        .hardFault, "a branch to \(hexadecimal(value)), which is no return address here")
      takeFault()
      return
    }
    exceptions.leave(current)
    // The order matters: the stack pointer is the main one as long as an exception is active.
    if target != .toHandler {
      engine[.programStatus] = 0x0100_0000
      engine[.control] = target == .toThreadOnProcess ? engine[.control] | 2 : engine[.control] & ~2
    }
    let frame = engine[.stackPointer]
    var words: [UInt32] = []
    for index in 0..<8 as Range<UInt32> {
      guard let word = memory.loadStack(at: frame + index * 4) else {
        lockUp("the stack pointer \(hexadecimal(frame)) is not in SRAM")
        return
      }
      words.append(word)
    }
    for (index, register) in [0, 1, 2, 3, 12].enumerated() {
      engine[.general(register)] = words[index]
    }
    engine[.linkRegister] = words[5]
    engine[.stackPointer] = frame + Self.frameSize + (words[7] >> 7 & 4)
    engine[.programStatus] = words[7] & 0xF100_003F
    engine[.programCounter] = words[6]
    eventRegister = true
  }

  private func lockUp(_ sentence: String) {
    isLockedUp = true
    memory.report(.lockup, sentence)
  }
}

/// What the core itself reads and writes, other than by its instructions.
protocol CoreMemory: AnyObject {
  /// `nil` where there is nothing to execute from.
  func loadVector(at address: UInt32) -> UInt32?
  /// `nil` outside SRAM.
  func loadStack(at address: UInt32) -> UInt32?
  /// - Returns: `false` outside SRAM.
  func storeStack(_ value: UInt32, at address: UInt32) -> Bool
  func report(_ rule: Violation.Rule, _ sentence: String)
}
