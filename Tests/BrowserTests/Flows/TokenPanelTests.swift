import Foundation
import Testing

@Suite("The token in the page", .enabled(if: Driver.isInstalled))
struct TokenPanelTests {
  @Test("it shows the codes of the token, and they are good in the page beside it")
  func codes() throws {
    let scene = try Scene()
    let bench = try TokenBench(scene)
    let ann = try scene.person()
    try ann.scanNewKey("enable-mfa")
    // The key goes on the token beside the page, too.
    try bench.fob.add(screenshot: ann.browser.screenshot())
    ann.fob = bench.fob
    let name = try ann.accountOnToken
    var code = ""
    try ann.browser.wait(for: "the code in the frame") {
      let before = try bench.fob.code(name)
      code = try ann.browser.inFrame("#token-panel") {
        try ann.browser.element("#token-codes .code").text.filter(\.isNumber)
      }
      // A step may have ended in between.
      return code == before
    }
    try ann.fill("code", code)
    try ann.press("activate-mfa")
    #expect(try ann.browser.has("#backup-codes"))
    try ann.open("/profile")
    try PageRules.check(ann.browser, "a page with the token beside it")
    try ann.open("/token")
    try PageRules.check(ann.browser, "the token")
  }

  @Test("its buttons do to the token what hands would")
  func hands() throws {
    let scene = try Scene()
    let bench = try TokenBench(scene)
    try bench.fob.add("Shop:ann", key: "JBSWY3DPEHPK3PXP")
    let ann = try scene.person()
    try ann.open("/token")
    try ann.press("unplug")
    #expect(try bench.fob.status(of: "code", "Shop:ann") != 0)
    try ann.press("plug")
    #expect(try bench.fob.code("Shop:ann").count == 6)
  }
}
