namespace Koubou.Cli.Workshop;

/// <summary>The command line, or a file that it names, asks for something that makes no sense; nothing was done.</summary>
internal sealed class UsageException(string message) : Exception(message);
