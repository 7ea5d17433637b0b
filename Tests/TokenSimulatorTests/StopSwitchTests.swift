import Foundation
import Testing
import TokenSimulator

@Suite("The stop switch", .serialized)
struct StopSwitchTests {
  @Test("once thrown, it stays thrown")
  func throwing() {
    let stopSwitch = StopSwitch()
    #expect(!stopSwitch.isThrown)
    for _ in 0..<100_000 { stopSwitch.stop() }
    #expect(stopSwitch.isThrown)
    #expect(stopSwitch.isThrown)
  }

  @Test("a signal throws it while it is handled, and is what it was afterwards")
  func signals() {
    signal(SIGUSR1, SIG_IGN)
    let stopSwitch = StopSwitch()
    stopSwitch.whileHandling([SIGUSR1]) {
      kill(getpid(), SIGUSR1)
      while !stopSwitch.isThrown { usleep(1_000) }
    }
    let other = StopSwitch()
    kill(getpid(), SIGUSR1)
    #expect(!other.isThrown)
  }
}
