@preconcurrency import Glibc
import RelyingParty

/// Asks for the first account of a new console, on a terminal; without one it is for the Sign up
/// page. Whoever makes it runs the console, and is its first support operator.
enum FirstAccount {
  private static let longestLine = 4096

  static func ask(_ party: RelyingParty) throws(Refusal) {
    guard isatty(STDIN_FILENO) == 1 else { return }
    fputs("There is no account yet. This makes the first one, a support operator.\n", stderr)
    while true {
      guard let email = line("E-mail address (empty to leave it): "), !email.isEmpty else { return }
      guard let password = secretLine("Password: ") else { return }
      do throws(Refusal) {
        try party.signUp(email: email, password: password)
        try party.appointOperator(email)
        return ConsoleCommand.say("The account is there. Log in with it.")
      } catch {
        ConsoleCommand.say(error.description)
      }
    }
  }

  /// A line without its end; nil where standard input has ended.
  private static func line(_ prompt: String) -> String? {
    fputs(prompt, stderr)
    var bytes = [CChar](repeating: 0, count: longestLine)
    defer { bytes.withUnsafeMutableBytes { explicit_bzero($0.baseAddress!, $0.count) } }
    guard fgets(&bytes, Int32(bytes.count), stdin) != nil else { return nil }
    let text = bytes.prefix { $0 != 0 && $0 != CChar(UInt8(ascii: "\n")) }
    return String(decoding: text.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The same without an echo, whatever ends it.
  private static func secretLine(_ prompt: String) -> String? {
    var settings = termios()
    guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO)
    var held = sigset_t()
    var before = sigset_t()
    sigemptyset(&held)
    for number in [SIGINT, SIGTERM, SIGTSTP, SIGQUIT] { sigaddset(&held, number) }
    pthread_sigmask(SIG_BLOCK, &held, &before)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
      pthread_sigmask(SIG_SETMASK, &before, nil)
      fputs("\n", stderr)
    }
    return line(prompt)
  }
}
