import PicoEmulator
import Testing

@Suite("Core")
struct CoreTests {
  @Test("a program starts from flash, through the boot ROM and the second stage")
  func starts() throws {
    let pico = try Pico.running(
      """
        ldr r0, =RESULTS
        ldr r1, =0xC0FFEE
        str r1, [r0]
        done
      """)
    expect(pico)
    #expect(pico.result(0) == 0xC0FFEE)
  }

  @Test("as many instructions are counted as were executed", arguments: [1, 2, 1_000])
  func counts(repetitions: Int) throws {
    let source = """
        ldr r0, =first
        ldr r1, =last
        ldr r2, =RESULTS
        stmia r2!, {r0, r1}
        ldr r0, =\(repetitions)
      first:
        subs r0, #1
        bne first
        bl routine
      last:
        done
      routine:
        nop
        bx lr
      """
    let whole = try Pico.running(source)
    let ends = try (#require(whole.result(0)), #require(whole.result(1)))
    let pico = Pico(.init(seed: 1))
    pico.install(try Assembler.image(source))
    pico.powerOn()
    #expect(pico.run(toInstructionAt: ends.0, within: .seconds(1)))
    let start = pico.instructions
    #expect(pico.run(toInstructionAt: ends.1, within: .seconds(1)))
    #expect(pico.instructions - start == UInt64(repetitions) * 2 + 3)
  }

  @Test("SVC, PendSV and SysTick enter their handlers, and return where they came from")
  func systemExceptions() throws {
    let pico = try Pico.running(
      """
        movs r4, #11
        movs r5, #22
        svc #1
        write RESULTS + 8, 0
        write 0xe000ed04, 0x10000000
        write 0xe000e014, 999
        write 0xe000e018, 0
        write 0xe000e010, 7
      1:
        ldr r0, =RESULTS + 8
        ldr r1, [r0]
        cmp r1, #3
        blo 1b
        ldr r0, =RESULTS + 12
        str r4, [r0]
        str r5, [r0, #4]
        done

      .thumb_func
      sv_call:
        ldr r0, =RESULTS
        mrs r1, ipsr
        str r1, [r0]
        bx lr
      .thumb_func
      pend_sv:
        push {r4, lr}
        movs r4, #0
        ldr r0, =RESULTS + 4
        mrs r1, ipsr
        str r1, [r0]
        pop {r4, pc}
      .thumb_func
      sys_tick:
        ldr r0, =RESULTS + 8
        ldr r1, [r0]
        cmp r1, #3
        bls 2f
        movs r1, #0
      2:
        adds r1, #1
        str r1, [r0]
        bx lr
      """)
    expect(pico)
    #expect((0...4).map { pico.result($0) } == [11, 14, 3, 11, 22])
  }

  @Test("a handler runs on the main stack while the thread has its own")
  func processStack() throws {
    let pico = try Pico.running(
      """
        ldr r0, =0x20002000
        msr psp, r0
        movs r0, #2
        msr control, r0
        isb
        svc #0
        mov r0, sp
        ldr r1, =RESULTS
        str r0, [r1]
        done
      .thumb_func
      sv_call:
        mov r0, sp
        ldr r1, =RESULTS + 4
        str r0, [r1]
        mrs r0, psp
        str r0, [r1, #4]
        str r2, [r1, #12]
        bx lr
      """)
    expect(pico)
    #expect(pico.result(0) == 0x2000_2000)
    #expect(pico.result(1) == 0x2004_0000)
    #expect(pico.result(2) == 0x2000_1FE0)
  }

  @Test("an interrupt that came while PRIMASK was set is taken right after CPSIE")
  func masking() throws {
    let pico = try Pico.running(
      """
        movs r7, #0
        cpsid i
        write 0xe000e100, 1
        write 0xe000e200, 1
        mov r6, r7
        cpsie i
        movs r5, #1
        ldr r0, =RESULTS
        str r6, [r0]
        str r7, [r0, #4]
        done
      .thumb_func
      irq0:
        movs r7, #1
        ldr r0, =RESULTS + 8
        str r5, [r0]
        bx lr
      """)
    expect(pico)
    #expect(pico.result(0) == 0)
    #expect(pico.result(1) == 1)
    #expect(pico.result(2) != 1)
  }

  @Test("a more urgent interrupt interrupts a less urgent one, and not the other way round")
  func priorities() throws {
    let program = { (first: Int, second: Int) in
      """
        ldr r7, =RESULTS
        write 0xe000e400, \(first << 6 | second << 14)
        write 0xe000e100, 3
        write 0xe000e200, 1
        done
      .thumb_func
      irq0:
        push {lr}
        write 0xe000e200, 2
        movs r1, #1
        stmia r7!, {r1}
        pop {pc}
      .thumb_func
      irq1:
        movs r1, #2
        stmia r7!, {r1}
        bx lr
      """
    }
    let order = { (pico: Pico) in (0...1).map { pico.result($0) } }
    #expect(order(try .running(program(1, 0))) == [2, 1])
    #expect(order(try .running(program(0, 1))) == [1, 2])
    #expect(order(try .running(program(1, 1))) == [1, 2])
  }

  @Test("WFI sleeps until an interrupt, even one that PRIMASK holds back, and time goes on")
  func sleep() throws {
    let pico = try Pico.running(
      """
        start_clocks
        release 0x200000
        cpsid i
        write 0x40054038, 1
        write 0xe000e100, 1
        save 0x40054028, 0
        ldr r0, =0x40054010
        ldr r2, =50000
        adds r1, r2
        str r1, [r0]
        wfi
        save 0x40054028, 1
        done
      """)
    expect(pico)
    let slept = try #require(pico.result(1)) - #require(pico.result(0))
    #expect((50_000..<50_010).contains(slept))
    #expect(pico.instructions < 100_000)
  }

  @Test("WFE falls through once after SEV")
  func events() throws {
    expect(try .running("  sev\n wfe\n done"))
    let asleep = try Pico.running("  sev\n wfe\n wfe\n done", for: .milliseconds(100))
    #expect(!asleep.isDone)
    #expect(asleep.state == .running)
  }

  @Test(
    "a fault enters the HardFault handler, and is told with its address",
    arguments: [
      "udf #0", "bkpt #0", "ldr r0, =0x20000001\n ldr r0, [r0]",
      "ldr r0, =0x30000000\n ldr r0, [r0]",
      "ldr r0, =0x30000001\n bx r0", "ldr r0, =0x10000000\n str r0, [r0]",
    ])
  func faults(instructions: String) throws {
    let pico = try Pico.running(
      """
        \(instructions)
        b .
      .thumb_func
      hard_fault:
        mrs r0, ipsr
        ldr r1, =RESULTS
        str r0, [r1]
        done
      """)
    expect(pico, breaks: .hardFault)
    #expect(pico.result(0) == 3)
  }

  @Test("a fault within the HardFault handler locks the core up")
  func lockup() throws {
    let pico = try Pico.running(
      """
        udf #0
      .thumb_func
      hard_fault:
        udf #1
      """)
    #expect(pico.rules == [.hardFault, .hardFault, .lockup])
    #expect(pico.state == .stuck)
  }

  @Test("the same program does the same in every run")
  func determinism() throws {
    let source = """
        start_clocks
        ldr r4, =RESULTS
        movs r5, #32
      1:
        ldr r0, =0x4006001c
        ldr r1, [r0]
        stmia r4!, {r1}
        subs r5, #1
        bne 1b
        done
      """
    let runs = try [1, 1, 2].map { try Pico.running(source, seed: $0) }
    let bits = runs.map { pico in (0..<32).map { pico.result($0) } }
    #expect(bits[0] == bits[1])
    #expect(bits[0] != bits[2])
    #expect(runs[0].now == runs[1].now)
  }
}
