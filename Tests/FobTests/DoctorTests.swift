import Foundation
import HIDAPITransport
import JSON
import Loopback
import Testing
import TokenClient
import TokenCore
import TokenSimulator

@testable import fob

@Suite("fob doctor")
struct DoctorTests {
  private let machine = Machine()

  // MARK: The machine

  @Test("a token that the person may open leaves nothing to say")
  func well() {
    machine.plug()
    #expect(machine.diagnosis.findings.allSatisfy { $0.verdict == .ok })
    #expect(machine.findings(.device)[0].observation.contains("usb:0a"))
    #expect(machine.diagnosis.reachable.count == 1)
  }

  @Test("every token has lines of its own")
  func several() {
    machine.plug("hidraw0", serial: "0a")
    machine.plug("hidraw1", serial: "0b")
    machine.closed = ["/dev/hidraw1"]
    #expect(machine.verdicts(.device) == [.ok, .ok])
    #expect(machine.verdicts(.permission) == [.ok, .failed])
    #expect(machine.diagnosis.reachable.map(\.place) == ["usb:0a"])
  }

  @Test("no token is a failure of its own, whatever else is well")
  func absent() {
    #expect(machine.failures == [.device])
    #expect(Finding.Check.device.status == .noToken)
  }

  @Test("a kernel without hidraw, or without USB for libusb, is told as what it is")
  func kernel() {
    machine.remove("/sys/class/hidraw")
    #expect(machine.failures == [.kernel, .device])
    machine.build = .libusb
    #expect(machine.failures == [.kernel, .device])
    machine.write("/sys/bus/usb/devices/.keep", "")
    #expect(machine.failures == [.device])
  }

  @Test("a device that the kernel's driver has not taken is not called absent")
  func driverless() {
    machine.write("/sys/bus/usb/devices/1-2/idVendor", "1209\n")
    machine.write("/sys/bus/usb/devices/1-2/idProduct", "0001\n")
    let finding = machine.findings(.device)[0]
    #expect(finding.verdict == .failed)
    #expect(finding.observation.contains("driver"))
    #expect(finding.advice?.contains("modprobe") == true)
  }

  @Test("a device that a program holds through libusb is told as that")
  func held() throws {
    machine.write("/sys/bus/usb/devices/1-2/idVendor", "1209\n")
    machine.write("/sys/bus/usb/devices/1-2/idProduct", "0001\n")
    machine.write("/sys/bus/usb/devices/1-2:1.0/bInterfaceClass", "03\n")
    try FileManager.default.createSymbolicLink(
      atPath: machine.tree.root + "/sys/bus/usb/devices/1-2:1.0/driver",
      withDestinationPath: "../../../../bus/usb/drivers/usbfs")
    #expect(machine.findings(.device)[0].observation.contains("a program holds"))
  }

  @Test("another device with a token's numbers is noted, and not taken for one")
  func stranger() {
    machine.addNode("hidraw3", product: "Somebody's \u{1B}[2Jexperiment")
    let findings = machine.findings(.device)
    #expect(findings.map(\.verdict) == [.note, .failed])
    #expect(!findings[0].observation.contains("\u{1B}"))
    machine.plug("hidraw4")
    #expect(machine.verdicts(.device) == [.ok, .note])
  }

  // MARK: Permissions and the rule

  @Test("a closed node without the rule asks for the rule")
  func ruleless() {
    machine.plug()
    machine.closed = ["/dev/hidraw0"]
    machine.remove(UdevRule.installed)
    #expect(machine.failures == [.rule, .permission])
    #expect(machine.findings(.rule)[0].advice?.contains(UdevRule.installing) == true)
    #expect(machine.diagnosis.reachable.isEmpty)
  }

  @Test("a closed node with the rule in place does not ask for it again")
  func closedInSpiteOfRule() {
    machine.plug()
    machine.closed = ["/dev/hidraw0"]
    #expect(machine.failures == [.permission])
    #expect(machine.findings(.permission)[0].advice?.contains("plugdev") == true)
  }

  @Test("a rule that is missing and not needed is a note")
  func unneeded() {
    machine.plug()
    machine.remove(UdevRule.installed)
    #expect(machine.verdicts(.rule) == [.note])
    machine.write(UdevRule.installed, "# nothing\n")
    #expect(machine.verdicts(.rule) == [.note])
    machine.closed = ["/dev/hidraw0"]
    #expect(machine.verdicts(.rule) == [.failed])
  }

  @Test("before the first token is plugged in the rule is needed, by all but root")
  func before() {
    machine.remove(UdevRule.installed)
    #expect(machine.verdicts(.rule) == [.failed])
    machine.isRoot = true
    #expect(machine.verdicts(.rule) == [.note])
  }

  @Test("where udev does not run, no rule is asked for")
  func noUdev() {
    machine.remove("/run/udev")
    machine.plug()
    machine.closed = ["/dev/hidraw0"]
    #expect(machine.failures == [.permission])
    #expect(machine.findings(.permission)[0].advice?.contains("rule") == false)
  }

  // MARK: The token

  private func token() -> (transport: LoopbackTransport, serialNumber: String) {
    let board = SimulatedBoard(serialNumber: SerialNumber(rawValue: 0xC0FFEE))
    return (LoopbackTransport(.memory(board, .byHand), place: "usb:0a"), "0000000000c0ffee")
  }

  @Test("a token that answers says what it is made of; its clock is noted as unset, then runs")
  func answering() throws {
    let (transport, number) = token()
    let findings = TokenDiagnosis.findings(over: transport, serialNumber: number)
    #expect(findings.map(\.verdict) == [.ok, .note])
    #expect(findings[0].observation.contains("simulated"))
    let session = try TokenSession(over: transport)
    _ = try session.syncClock()
    session.close()
    let later = TokenDiagnosis.findings(over: transport, serialNumber: number)
    #expect(later.map(\.verdict) == [.ok, .ok])
    #expect(later[1].check == .clock)
  }

  @Test("a clock that is far off fails, and the advice is to look at this computer's first")
  func farOff() throws {
    let (transport, number) = token()
    let session = try TokenSession(over: transport)
    _ = try session.syncClock()
    transport.advance(by: Microseconds(60_000_000))
    session.close()
    let finding = try #require(
      TokenDiagnosis.findings(over: transport, serialNumber: number).last)
    #expect(finding.check == .clock && finding.verdict == .failed)
    #expect(finding.advice?.contains("this computer's clock") == true)
  }

  @Test("a token with two serial numbers is noted")
  func twoNames() {
    let findings = TokenDiagnosis.findings(over: token().transport, serialNumber: "0a")
    #expect(findings[0].verdict == .note)
    #expect(findings[0].observation.contains("0000000000c0ffee"))
  }

  @Test("a token that does not answer fails with the way out")
  func silent() {
    let transport = UnixSocketTransport(path: machine.tree.root + "/none")
    let findings = TokenDiagnosis.findings(over: transport, serialNumber: nil)
    #expect(findings.map(\.check) == [.answer])
    #expect(findings.map(\.verdict) == [.failed])
    #expect(findings[0].advice?.contains("Plug it in") == true)
  }

  // MARK: The command

  @Test("every failure comes with advice, and no line is wider than was asked for")
  func lines() {
    machine.plug()
    machine.closed = ["/dev/hidraw0"]
    machine.remove(UdevRule.installed)
    for finding in machine.diagnosis.findings {
      #expect((finding.advice != nil) || finding.verdict != .failed)
      for line in finding.text(width: 80).split(separator: "\n") {
        #expect(Printable.columns(String(line)) <= 80, "\(line)")
      }
    }
  }

  @Test("each check that can fail has an exit status, which the command documents")
  func statuses() {
    for check in Finding.Check.allCases {
      #expect(check.status != .ok)
      #expect(([.failed] + Command.doctor.statuses).contains(check.status))
    }
  }

  @Test("the command reports as JSON, with its exit status in it, and in words")
  func command() throws {
    let desk = try Desk()
    let outcome = try desk.run("doctor", "--json", token: nil)
    let report = try JSON.parse(outcome.output)
    #expect(report["status"]?.integer == Int(outcome.status))
    let checks = try #require(report["checks"]?.array)
    #expect(checks.contains { $0["check"]?.string == "library" })
    for check in checks {
      #expect(Finding.Verdict(rawValue: check["verdict"]?.string ?? "") != nil)
    }
    let words = try desk.run("doctor", token: nil)
    #expect(words.status == outcome.status)
    #expect(words.output.contains("libhidapi \(HIDLibrary.version)"))
    #expect(words.errors.isEmpty)
  }

  @Test("--udev-rule prints the rule, and nothing else")
  func rule() throws {
    let outcome = try Desk().run("doctor", "--udev-rule", token: nil)
    #expect(outcome.status == 0)
    #expect(outcome.output == UdevRule.text)
    #expect(outcome.errors.isEmpty)
  }
}
