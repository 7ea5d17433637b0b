import Glibc
import PicoEmulator
import TokenClient
import TokenSimulator
import VirtualUSB

/// `fob sim usbredir --firmware`: firmware on an emulated Pico as a virtual machine's USB device.
enum SimFirmware {
  static func run(
    _ image: String, at place: USBRedirPlace, _ path: String, _ invocation: Invocation,
    _ console: Console
  ) throws(FobError) {
    let control = try SimRun.socket(invocation, .wire, isForCommand: false)
    let recorder = try SimUSB.recorder(invocation)
    let port = PicoPort(
      image: image, storage: invocation.has(.memory) ? .memory : nil, recorder: recorder)
    let lender: DeviceLender<PicoPort>
    do throws(ServerFailure) {
      lender = try DeviceLender(port, at: place, control: control) {
        console.note(SimUSB.sentence($0))
      }
    } catch {
      throw FobError(error)
    }
    // An image that cannot run is better told of before anybody waits for it.
    port.connect()
    if let failure = port.failure { throw FobError(failure) }
    try lender.stopSwitch.whileHandling([SIGINT, SIGTERM, SIGHUP]) { () throws(FobError) in
      console.line("USBREDIR=\(path)")
      console.line("CONTROL=unix:\(control)")
      try console.flush()
      console.note(
        "Firmware on an emulated Pico, software and no hardware, is a USB device there. Ctrl-C ends it."
      )
      SimUSB.tell(of: recorder, console)
      lender.run()
    }
    if let failure = port.failure { throw FobError(failure) }
    try SimUSB.conclude(recorder)
  }
}
