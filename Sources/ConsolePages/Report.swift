@preconcurrency import Glibc
import RelyingParty

/// Tells whoever runs the console, on standard error, of a fault of the machine. Refusals have no
/// secrets in them, and other errors are named by their type alone.
func report(_ error: any Error) {
  let words = (error as? Refusal)?.description ?? "unexpected: \(type(of: error))"
  fputs("console: \(words)\n", stderr)
}
