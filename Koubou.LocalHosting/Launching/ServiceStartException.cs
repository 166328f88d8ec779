namespace Koubou.LocalHosting.Launching;

/// <summary>A service did not start; the message says which and why, and shows what it wrote last.</summary>
internal sealed class ServiceStartException(string message, Exception? inner = null) : Exception(message, inner);
