import CUnicorn

/// The instructions of a Cortex-M0, which are those of the M0+, by libunicorn.
///
/// It knows memory and instructions; exceptions, sleep and time are `Core`'s. It stops between two
/// instructions, never within one.
final class Engine {
  /// Why it stopped.
  enum Stop: Equatable {
    /// The budget was used up, or `stop` was called.
    case limit
    /// WFI or WFE was executed.
    case waitForInterrupt
    case waitForEvent
    /// SVC was executed; the next instruction is the one after it.
    case supervisorCall
    case breakpoint
    case undefined
    /// An access that is not aligned to its size.
    case unaligned
    /// Nothing is mapped at an address, or not for that kind of access.
    case memory(Access, UInt32)
    /// A branch to EXC_RETURN.
    case exceptionReturn(UInt32)
  }

  enum Access { case fetch, load, store }

  /// Where accesses go that are not to memory.
  protocol Client: AnyObject {
    func load(_ address: UInt32, size: Int) -> UInt32
    func store(_ address: UInt32, size: Int, _ value: UInt32)
  }

  /// A range of addresses that are the client's.
  private final class Window {
    let base: UInt32
    unowned(unsafe) let engine: Engine

    init(base: UInt32, engine: Engine) {
      self.base = base
      self.engine = engine
    }
  }

  private let library: UnsafePointer<unicorn_library>
  private let engine: OpaquePointer
  private let trace: UnsafeMutablePointer<instruction_trace>
  private var windows: [Window] = []
  /// Outlives the engine's last run.
  unowned(unsafe) var client: (any Client)?
  /// What a hook saw during a run.
  private var interrupt: UInt32?
  private var badAccess: (access: Access, address: UInt32)?
  private var isUndefined = false

  /// - Precondition: `Unicorn.library` is there.
  init() {
    guard let library = Unicorn.library else { preconditionFailure("libunicorn is not there") }
    var engine: OpaquePointer?
    let status = library.pointee.open(UC_ARCH_ARM, UC_MODE_THUMB, &engine)
    guard status == UC_ERR_OK, let engine else {
      preconditionFailure("libunicorn does not start: error \(status.rawValue)")
    }
    self.library = library
    self.engine = engine
    trace = .allocate(capacity: 1)
    trace.initialize(to: instruction_trace())
    trace.pointee.breakpoint = 1
    trace.pointee.stop = library.pointee.emu_stop
    // `UC_MODE_MCLASS` would be another core; this has to come before anything is mapped.
    require(unicorn_set_cpu_model(library, engine, Int32(UC_CPU_ARM_CORTEX_M0.rawValue)))
    addHooks()
  }

  deinit {
    _ = library.pointee.close(engine)
    trace.deallocate()
  }

  // MARK: Memory

  /// Puts a range of `memory`, of whole pages, at `address`.
  func map(_ memory: Memory, _ range: Range<Int>? = nil, at address: UInt32, writable: Bool) {
    let range = range ?? 0..<memory.mappedSize
    let permissions = UC_PROT_READ.rawValue | UC_PROT_EXEC.rawValue
    require(
      library.pointee.mem_map_ptr(
        engine, UInt64(address), range.count,
        permissions | (writable ? UC_PROT_WRITE.rawValue : 0), memory.base + range.lowerBound))
  }

  func unmap(_ size: Int, at address: UInt32) {
    require(library.pointee.mem_unmap(engine, UInt64(address), size))
  }

  /// Says where the instructions are that are executed from `region`, the upper four bits of their
  /// addresses: 0 to 2.
  func traceCode(of memory: Memory, in region: Int) {
    withUnsafeMutableBytes(of: &trace.pointee.code) {
      $0.storeBytes(
        of: UnsafeRawPointer(memory.base), toByteOffset: region * 8, as: UnsafeRawPointer.self)
    }
    withUnsafeMutableBytes(of: &trace.pointee.mask) {
      $0.storeBytes(of: memory.addressMask, toByteOffset: region * 4, as: UInt32.self)
    }
  }

  /// Gives a range to the client.
  func mapClient(at address: UInt32, size: Int) {
    let window = Window(base: address, engine: self)
    windows.append(window)
    let pointer = Unmanaged.passUnretained(window).toOpaque()
    require(
      library.pointee.mmio_map(
        engine, UInt64(address), size,
        { _, offset, size, data in
          let window = Unmanaged<Window>.fromOpaque(data!).takeUnretainedValue()
          let address = window.base + UInt32(truncatingIfNeeded: offset)
          return UInt64(window.engine.client?.load(address, size: Int(size)) ?? 0)
        }, pointer,
        { _, offset, size, value, data in
          let window = Unmanaged<Window>.fromOpaque(data!).takeUnretainedValue()
          let address = window.base + UInt32(truncatingIfNeeded: offset)
          window.engine.client?.store(
            address, size: Int(size), UInt32(truncatingIfNeeded: value))
        }, pointer))
  }

  /// Forgets what it made of the code in a mapped range, after that was changed from outside.
  func forgetCode(at address: UInt32, size: Int) {
    require(unicorn_forget_code(library, engine, UInt64(address), UInt64(address) + UInt64(size)))
  }

  // MARK: Registers

  enum Register {
    case general(Int)
    case stackPointer, linkRegister, programCounter
    case mainStackPointer, processStackPointer
    case programStatus, priorityMask, control

    fileprivate var number: Int32 {
      let number =
        switch self {
        case .general(let index): UC_ARM_REG_R0.rawValue + UInt32(index)
        case .stackPointer: UC_ARM_REG_SP.rawValue
        case .linkRegister: UC_ARM_REG_LR.rawValue
        case .programCounter: UC_ARM_REG_PC.rawValue
        case .mainStackPointer: UC_ARM_REG_MSP.rawValue
        case .processStackPointer: UC_ARM_REG_PSP.rawValue
        case .programStatus: UC_ARM_REG_XPSR.rawValue
        case .priorityMask: UC_ARM_REG_PRIMASK.rawValue
        case .control: UC_ARM_REG_CONTROL.rawValue
        }
      return Int32(number)
    }
  }

  /// The program counter, when set, stays in Thumb state whatever its lowest bit.
  subscript(register: Register) -> UInt32 {
    get {
      var value: UInt32 = 0
      require(library.pointee.reg_read(engine, register.number, &value))
      return value
    }
    set {
      var value = newValue
      if case .programCounter = register { value |= 1 }
      require(library.pointee.reg_write(engine, register.number, &value))
    }
  }

  // MARK: Running

  /// Instructions begun since the engine was made.
  var executed: UInt64 { trace.pointee.executed }

  /// The instruction begun last.
  var address: UInt32 { trace.pointee.address }

  /// Whether SEV was executed since this was asked last.
  func takeSentEvent() -> Bool {
    defer { trace.pointee.sent_event = false }
    return trace.pointee.sent_event
  }

  /// Where a run ends, without executing what is there.
  var breakpoint: UInt32? {
    get { trace.pointee.breakpoint == 1 ? nil : trace.pointee.breakpoint }
    set { trace.pointee.breakpoint = newValue ?? 1 }
  }

  /// Has the run end before the next instruction. For the client, during a run.
  func stop() {
    trace.pointee.limit = 0
  }

  /// Executes at most `budget` instructions, from the program counter on.
  func run(_ budget: UInt64) -> Stop {
    trace.pointee.limit = executed + budget
    trace.pointee.stopped = false
    interrupt = nil
    badAccess = nil
    isUndefined = false
    let before = executed
    // It ends at no address: an instruction's is never odd.
    let status = library.pointee.emu_start(
      engine, UInt64(self[.programCounter] | 1), 0xFFFF_FFFF, 0, 0)
    return reason(status, hasExecuted: executed > before)
  }

  private func reason(_ status: uc_err, hasExecuted: Bool) -> Stop {
    if let (access, address) = badAccess {
      if access == .fetch {
        if address >= 0xFFFF_FFF0 { return .exceptionReturn(address) }
        self[.programCounter] = address
      } else {
        // It was begun, and will be once more if it is repeated.
        trace.pointee.executed -= 1
        self[.programCounter] = trace.pointee.address
      }
      return .memory(access, address)
    }
    if isUndefined {
      // WFE is reported as undefined, with the program counter behind it.
      if trace.pointee.address != self[.programCounter], hasExecuted { return .waitForEvent }
      return .undefined
    }
    switch interrupt {
    case 2: return .supervisorCall
    case 7: return .breakpoint
    case .some: return .unaligned
    case nil: break
    }
    require(status)
    return trace.pointee.stopped ? .limit : .waitForInterrupt
  }

  private func addHooks() {
    let data = Unmanaged.passUnretained(self).toOpaque()
    var hook = uc_hook()
    require(unicorn_add_trace(library, engine, &hook, trace))

    let onInterrupt: uc_cb_hookintr_t = { handle, number, data in
      let engine = Unmanaged<Engine>.fromOpaque(data!).takeUnretainedValue()
      engine.interrupt = number
      _ = engine.library.pointee.emu_stop(handle)
    }
    add(UC_HOOK_INTR, unsafeBitCast(onInterrupt, to: UnsafeMutableRawPointer.self), data)

    let onUndefined: uc_cb_hookinsn_invalid_t = { _, data in
      Unmanaged<Engine>.fromOpaque(data!).takeUnretainedValue().isUndefined = true
      return false
    }
    add(UC_HOOK_INSN_INVALID, unsafeBitCast(onUndefined, to: UnsafeMutableRawPointer.self), data)

    let onBadAccess: uc_cb_eventmem_t = { _, kind, address, _, _, data in
      let access: Access =
        switch kind {
        case UC_MEM_FETCH_UNMAPPED, UC_MEM_FETCH_PROT: .fetch
        case UC_MEM_WRITE_UNMAPPED, UC_MEM_WRITE_PROT: .store
        default: .load
        }
      Unmanaged<Engine>.fromOpaque(data!).takeUnretainedValue().badAccess = (
        access, UInt32(truncatingIfNeeded: address)
      )
      return false
    }
    let onBadAccessPointer = unsafeBitCast(onBadAccess, to: UnsafeMutableRawPointer.self)
    for kind in [
      UC_HOOK_MEM_READ_UNMAPPED, UC_HOOK_MEM_WRITE_UNMAPPED, UC_HOOK_MEM_FETCH_UNMAPPED,
      UC_HOOK_MEM_READ_PROT, UC_HOOK_MEM_WRITE_PROT, UC_HOOK_MEM_FETCH_PROT,
    ] {
      add(kind, onBadAccessPointer, data)
    }
  }

  private func add(
    _ kind: uc_hook_type, _ callback: UnsafeMutableRawPointer, _ data: UnsafeMutableRawPointer
  ) {
    var hook = uc_hook()
    require(unicorn_add_hook(library, engine, &hook, Int32(kind.rawValue), callback, data))
  }

  /// None of the calls here fails with the arguments that they are given.
  private func require(_ status: uc_err) {
    precondition(
      status == UC_ERR_OK,
      "libunicorn: \(library.pointee.strerror(status).map { String(cString: $0) } ?? "")")
  }
}
