import Glibc
import ProcessSecrecy

ProcessSecrecy.begin()
exit(ConsoleCommand.run(Array(CommandLine.arguments.dropFirst())))
